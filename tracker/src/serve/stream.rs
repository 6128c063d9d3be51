//! One connection's bytes, whatever carries them.

use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use mio::{Interest, Registry, Token};
use std::io::{self, Read, Write};

/// What carries a connection.
#[derive(Debug)]
enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A connection that reads and writes what its client does.
///
/// Never blocks. [`Write::write`] may keep bytes: they have left when
/// [`Write::flush`] succeeds.
#[derive(Debug)]
pub(super) struct Stream {
    socket: Socket,
}

impl Stream {
    pub(super) fn tcp(stream: TcpStream) -> Self {
        // Answers are whole when sent; waiting to fill a segment would only delay them.
        let _ = stream.set_nodelay(true);
        Self { socket: Socket::Tcp(stream) }
    }

    pub(super) fn unix(stream: UnixStream) -> Self {
        Self { socket: Socket::Unix(stream) }
    }

    /// Whether bytes written have not left yet.
    #[expect(clippy::unused_self, reason = "TLS keeps some")]
    pub(super) fn has_output(&self) -> bool {
        false
    }

    /// Says goodbye where the carrier has a word for it; [`Write::flush`] sends it.
    #[expect(clippy::unused_self, reason = "TLS has a word")]
    pub(super) fn finish(&mut self) {}
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.socket.read(into)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            Self::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Source for Stream {
    fn register(&mut self, registry: &Registry, token: Token, what: Interest) -> io::Result<()> {
        match &mut self.socket {
            Socket::Tcp(stream) => stream.register(registry, token, what),
            Socket::Unix(stream) => stream.register(registry, token, what),
        }
    }

    fn reregister(&mut self, registry: &Registry, token: Token, what: Interest) -> io::Result<()> {
        match &mut self.socket {
            Socket::Tcp(stream) => stream.reregister(registry, token, what),
            Socket::Unix(stream) => stream.reregister(registry, token, what),
        }
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        match &mut self.socket {
            Socket::Tcp(stream) => stream.deregister(registry),
            Socket::Unix(stream) => stream.deregister(registry),
        }
    }
}
