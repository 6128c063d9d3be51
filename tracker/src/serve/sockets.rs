//! Opening listeners: UDP and TCP on one port, several sockets per address.

use crate::serve::tls::Tls;
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;
use std::{fs, io};

/// How long a receiving thread sleeps before it looks whether to stop.
const WAKE_EVERY: Duration = Duration::from_millis(200);
/// The kernel's queue per UDP socket: a burst of 50,000 announces.
const RECEIVE_BUFFER: usize = 8 << 20;
const BACKLOG: i32 = 1024;
/// Tries to find a port that is free for both protocols.
const PORT_TRIES: usize = 20;

/// Listeners of one address: as many of each protocol as threads.
pub(super) struct Listeners {
    pub(super) address: SocketAddr,
    pub(super) udp: Vec<Socket>,
    pub(super) tcp: Vec<Entrance>,
}

/// What a stream listener speaks.
#[derive(Clone, Debug)]
pub(super) enum Door {
    Plain,
    Tls(Tls),
    Unix,
}

/// A stream listener.
#[derive(Debug)]
pub(super) struct Entrance {
    pub(super) socket: Socket,
    pub(super) door: Door,
}

/// Opens the listeners of `address`; port 0 takes one that is free for both protocols.
///
/// # Errors
///
/// With the address in the sentence.
pub(super) fn open(address: SocketAddr, threads: usize) -> io::Result<Listeners> {
    let mut last = None;
    for _ in 0..PORT_TRIES {
        match try_open(address, threads) {
            Ok(listeners) => return Ok(listeners),
            Err(error) => last = Some(error),
        }
        if address.port() != 0 {
            break;
        }
    }
    let error = last.unwrap_or_else(|| io::Error::from(io::ErrorKind::AddrInUse));
    Err(io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))
}

fn try_open(address: SocketAddr, threads: usize) -> io::Result<Listeners> {
    // A first pair without sharing: another process on this port must be an error, not a partner.
    let probe = socket(address, Type::DGRAM, false)?;
    let address = local(&probe)?;
    drop(socket(address, Type::STREAM, false)?);
    drop(probe);
    let mut listeners = Listeners { address, udp: Vec::new(), tcp: Vec::new() };
    for _ in 0..threads {
        let udp = socket(address, Type::DGRAM, true)?;
        udp.set_read_timeout(Some(WAKE_EVERY))?;
        // The system's limit may be lower; what it grants is enough.
        let _ = udp.set_recv_buffer_size(RECEIVE_BUFFER);
        if address.ip().is_unspecified() {
            report_destinations(&udp, address)?;
        }
        listeners.udp.push(udp);
        listeners.tcp.push(listening(address, Door::Plain)?);
    }
    Ok(listeners)
}

/// Opens a TLS listener at `address` for each of `threads`, and says which port it got.
///
/// # Errors
///
/// With the address in the sentence.
pub(super) fn open_tls(
    address: SocketAddr,
    threads: usize,
    tls: &Tls,
) -> io::Result<(SocketAddr, Vec<Entrance>)> {
    let open = || {
        let probe = socket(address, Type::STREAM, false)?;
        let address = local(&probe)?;
        drop(probe);
        let doors = (0..threads).map(|_| listening(address, Door::Tls(tls.clone())));
        Ok((address, doors.collect::<io::Result<_>>()?))
    };
    open().map_err(|error: io::Error| {
        io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
    })
}

/// Opens a Unix socket, one for each of `threads`; all take from one queue.
///
/// A file that a dead process left is replaced; the mode lets owner and group in.
///
/// # Errors
///
/// With the path in the sentence.
pub(super) fn open_unix(path: &Path, threads: usize) -> io::Result<Vec<Entrance>> {
    try_open_unix(path, threads).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot listen on unix:{}: {error}", path.display()))
    })
}

fn try_open_unix(path: &Path, threads: usize) -> io::Result<Vec<Entrance>> {
    let address = SockAddr::unix(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    if path.symlink_metadata().is_ok_and(|found| found.file_type().is_socket()) {
        if socket.connect(&address).is_ok() {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        fs::remove_file(path)?;
    }
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&address)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    (0..threads).map(|_| Ok(Entrance { socket: socket.try_clone()?, door: Door::Unix })).collect()
}

fn listening(address: SocketAddr, door: Door) -> io::Result<Entrance> {
    let socket = socket(address, Type::STREAM, true)?;
    // Connections inherit it: answers are whole when sent, and waiting to fill a segment would
    // only delay them.
    socket.set_tcp_nodelay(true)?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(Entrance { socket, door })
}

fn socket(address: SocketAddr, kind: Type, is_shared: bool) -> io::Result<Socket> {
    let protocol = if kind == Type::DGRAM { Protocol::UDP } else { Protocol::TCP };
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        // IPv4 has its own listeners, so that strides and limits follow the packet's family.
        socket.set_only_v6(true)?;
    }
    if kind == Type::STREAM {
        socket.set_reuse_address(true)?;
    }
    socket.set_reuse_port(is_shared)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn local(socket: &Socket) -> io::Result<SocketAddr> {
    socket.local_addr()?.as_socket().ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))
}

/// Asks the kernel to say where each datagram was sent to (UDP-14).
fn report_destinations(socket: &Socket, address: SocketAddr) -> io::Result<()> {
    if address.is_ipv4() {
        setsockopt(socket, sockopt::Ipv4PacketInfo, &true)?;
    } else {
        setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?;
    }
    Ok(())
}
