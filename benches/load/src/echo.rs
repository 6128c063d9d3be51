//! The least a server can do: take a datagram, send one of an answer's size.

use crate::options::Options;
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, sendmmsg};
use std::io::{self, IoSlice, IoSliceMut, Write};
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

const BATCH: usize = 64;

fn open(options: &Options) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(("127.0.0.1", options.port))?;
    socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20)?;
    let mut out = io::stdout();
    writeln!(out, "{}", socket.local_addr()?)?;
    out.flush()?;
    Ok(socket)
}

/// One system call to receive, one to send.
pub(crate) fn one_by_one(options: &Options) -> io::Result<()> {
    let socket = open(options)?;
    let mut buffer = [0; 2048];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        let answer = buffer.get(..answer_length(length, options)).unwrap_or_default();
        let _ = socket.send_to(answer, from);
    }
}

/// As many as wait in one call each way, like the tracker.
pub(crate) fn in_batches(options: &Options) -> io::Result<()> {
    let socket = open(options)?;
    let mut headers = MultiHeaders::<SockaddrIn>::preallocate(BATCH, None);
    let mut senders = MultiHeaders::<SockaddrIn>::preallocate(BATCH, None);
    let mut buffers = vec![[0_u8; 2048]; BATCH];
    loop {
        let mut lengths = Vec::with_capacity(BATCH);
        let mut from = Vec::with_capacity(BATCH);
        {
            let mut slices: Vec<_> =
                buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
            let flags = MsgFlags::MSG_WAITFORONE;
            let found = recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), flags, None);
            match found {
                Ok(messages) => {
                    for message in messages {
                        lengths.push(answer_length(message.bytes, options));
                        from.push(message.address);
                    }
                }
                Err(Errno::EINTR | Errno::EAGAIN | Errno::ECONNREFUSED) => continue,
                Err(error) => return Err(error.into()),
            }
        }
        let slices: Vec<_> = buffers
            .iter()
            .zip(&lengths)
            .map(|(buffer, length)| [IoSlice::new(buffer.get(..*length).unwrap_or_default())])
            .collect();
        let sent =
            sendmmsg(socket.as_raw_fd(), &mut senders, &slices, &from, [], MsgFlags::empty());
        drop(sent);
    }
}

fn answer_length(request: usize, options: &Options) -> usize {
    if request < 98 { request } else { options.answer_bytes }
}
