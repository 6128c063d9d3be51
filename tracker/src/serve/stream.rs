//! One connection's bytes, whatever carries them.

use crate::wire::proxy::{self, Preface};
use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use mio::{Interest, Registry, Token};
use rustls::ServerConnection;
use std::io::{self, Read, Write};
use std::net::SocketAddr;

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
    tls: Option<Box<ServerConnection>>,
    /// What came of a header that a proxy must send first; `None` once it is over.
    preface: Option<Vec<u8>>,
    client: Option<SocketAddr>,
}

impl Stream {
    pub(super) fn tcp(stream: TcpStream) -> Self {
        Self::over(Socket::Tcp(stream))
    }

    pub(super) fn unix(stream: UnixStream) -> Self {
        Self::over(Socket::Unix(stream))
    }

    fn over(socket: Socket) -> Self {
        Self { socket, tls: None, preface: None, client: None }
    }

    /// The same connection, which a proxy begins by saying for whom (ID-7).
    pub(super) fn behind_proxy(self) -> Self {
        Self { preface: Some(Vec::new()), ..self }
    }

    /// The client that the proxy speaks for.
    pub(super) fn client(&self) -> Option<SocketAddr> {
        self.client
    }

    /// Reads the proxy's header and not a byte more: what follows may be TLS.
    fn read_preface(&mut self) -> io::Result<()> {
        while let Some(held) = &mut self.preface {
            match proxy::preface(held).map_err(|_| io::ErrorKind::InvalidData)? {
                Preface::Incomplete(missing) => {
                    let have = held.len();
                    held.resize(have + missing, 0);
                    let read = self.socket.read(held.get_mut(have..).unwrap_or_default());
                    held.truncate(have + read.as_ref().unwrap_or(&0));
                    if read? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Preface::Whole { client, .. } => {
                    self.client = client;
                    self.preface = None;
                }
            }
        }
        Ok(())
    }

    /// The same connection, its bytes inside a TLS session.
    pub(super) fn within(self, session: ServerConnection) -> Self {
        Self { tls: Some(Box::new(session)), ..self }
    }

    /// Whether a read that did not fill its room has emptied the socket.
    pub(super) fn is_plain(&self) -> bool {
        self.tls.is_none()
    }

    /// Whether bytes written have not left yet.
    pub(super) fn has_output(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Says goodbye where the carrier has a word for it; [`Write::flush`] sends it.
    pub(super) fn finish(&mut self) {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.read_preface()?;
        let Some(tls) = &mut self.tls else { return self.socket.read(into) };
        loop {
            match tls.reader().read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // Many clients close without saying so, and every request says where it ends.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                read => return read,
            }
            let received = tls.read_tls(&mut self.socket)?;
            // What is wrong with it is told by an alert, which waits with the output.
            tls.process_new_packets().map_err(io::Error::other)?;
            if received == 0 && tls.is_handshaking() {
                return Ok(0);
            }
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.tls.is_none() {
            return self.socket.write(bytes);
        }
        // The session's buffer is bounded by what is let in while the last has not left.
        self.flush()?;
        let Some(tls) = &mut self.tls else { return Ok(0) };
        let length = tls.writer().write(bytes)?;
        match self.flush() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(length),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        while tls.wants_write() {
            if tls.write_tls(&mut self.socket)? == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
        }
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
