//! Receiving and sending many datagrams in one system call, without `unsafe`.
//!
//! A socket bound to one address sends a batch at once. A socket bound to
//! every address learns where each packet was sent to (`IP_PKTINFO`) and sends
//! each answer from there (UDP-14): clients drop answers from elsewhere.

use crate::wire::address::canonical;
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrIn, SockaddrIn6,
    SockaddrStorage, recvmmsg, sendmsg,
};
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny};
use smallvec::SmallVec;
use socket2::Socket;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::AsRawFd;

/// Datagrams handled at once: enough to pay for the call, few enough to stay in the cache.
const BATCH: usize = 64;
/// The longest request is a scrape of 74; a longer datagram is cut and still read.
const RECEIVE_BYTES: usize = 2048;
/// Any answer fits: 200 peers of 6 bytes and a header.
const ANSWER_BYTES: usize = 1500;

/// A datagram as received.
pub(super) struct Datagram<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) from: SocketAddr,
    /// The address it was sent to.
    pub(super) to: IpAddr,
}

#[derive(Clone, Copy)]
struct Envelope {
    length: usize,
    from: SocketAddr,
    to: IpAddr,
}

/// Room for one batch, reused.
pub(super) struct Batch {
    headers: MultiHeaders<SockaddrStorage>,
    received: Vec<[u8; RECEIVE_BYTES]>,
    envelopes: Vec<Envelope>,
    answers: Vec<Vec<u8>>,
    bound: IpAddr,
}

impl Batch {
    pub(super) fn new(bound: SocketAddr) -> Self {
        let space = bound
            .ip()
            .is_unspecified()
            .then(|| nix::cmsg_space!(libc::in6_pktinfo, libc::in_pktinfo));
        Self {
            headers: MultiHeaders::preallocate(BATCH, space),
            received: vec![[0; RECEIVE_BYTES]; BATCH],
            envelopes: Vec::with_capacity(BATCH),
            answers: (0..BATCH).map(|_| Vec::with_capacity(ANSWER_BYTES)).collect(),
            bound: bound.ip(),
        }
    }

    /// Waits for datagrams, at most for the socket's timeout; returns how many came.
    pub(super) fn receive(&mut self, socket: &Socket) -> io::Result<usize> {
        self.envelopes.clear();
        let mut buffers = self.received.iter_mut();
        let mut slices: [_; BATCH] = std::array::from_fn(|_| {
            [IoSliceMut::new(buffers.next().map_or(&mut [], <[u8; RECEIVE_BYTES]>::as_mut_slice))]
        });
        let flags = MsgFlags::MSG_WAITFORONE;
        match recvmmsg(socket.as_raw_fd(), &mut self.headers, slices.iter_mut(), flags, None) {
            Ok(messages) => {
                let bound = self.bound;
                // A sender we cannot name gets no answer, and keeps its place in the batch.
                self.envelopes.extend(messages.map(|message| envelope(&message, bound)));
                Ok(self.envelopes.len())
            }
            // ECONNREFUSED and its kin tell of an earlier answer that did not arrive.
            Err(
                Errno::EAGAIN
                | Errno::EINTR
                | Errno::ECONNREFUSED
                | Errno::EHOSTUNREACH
                | Errno::ENETUNREACH,
            ) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether as many came as there is room for: more wait, most likely.
    pub(super) fn is_full(&self) -> bool {
        self.envelopes.len() >= BATCH
    }

    /// Calls `answer` with each datagram and an empty buffer for its answer.
    pub(super) fn answer_each(&mut self, answer: impl FnMut(&Datagram<'_>, &mut Vec<u8>)) {
        self.answers.iter_mut().for_each(Vec::clear);
        self.go_on(answer);
    }

    /// The same a second time, with what was written as an answer before.
    pub(super) fn go_on(&mut self, mut answer: impl FnMut(&Datagram<'_>, &mut Vec<u8>)) {
        let parts = self.envelopes.iter().zip(self.received.iter()).zip(self.answers.iter_mut());
        for ((envelope, buffer), out) in parts {
            let bytes = buffer.get(..envelope.length.min(RECEIVE_BYTES)).unwrap_or_default();
            answer(&Datagram { bytes, from: envelope.from, to: envelope.to }, out);
        }
    }

    /// Sends the answers that are not empty; returns how many the kernel refused.
    pub(super) fn send(&self, socket: &Socket) -> u64 {
        if self.bound.is_unspecified() {
            self.send_each_from_its_address(socket)
        } else {
            self.send_at_once(socket)
        }
    }

    fn replies(&self) -> impl Iterator<Item = (&Envelope, &[u8])> {
        self.envelopes
            .iter()
            .zip(self.answers.iter().map(Vec::as_slice))
            .filter(|(_, answer)| !answer.is_empty())
    }

    fn send_at_once(&self, socket: &Socket) -> u64 {
        let targets: SmallVec<[SocketAddrAny; BATCH]> =
            self.replies().map(|(to, _)| to.from.into()).collect();
        let slices: SmallVec<[[IoSlice<'_>; 1]; BATCH]> =
            self.replies().map(|(_, answer)| [IoSlice::new(answer)]).collect();
        let mut controls: SmallVec<[_; BATCH]> =
            targets.iter().map(|_| SendAncillaryBuffer::default()).collect();
        let mut messages: SmallVec<[MMsgHdr<'_>; BATCH]> = targets
            .iter()
            .zip(&slices)
            .zip(&mut controls)
            .map(|((target, slice), control)| MMsgHdr::new_with_addr(target, slice, control))
            .collect();
        let mut failed = 0;
        let mut rest = messages.as_mut_slice();
        while !rest.is_empty() {
            // An error stops at the first message that is left: skip that one only.
            let done = rustix::net::sendmmsg(socket, rest, SendFlags::empty());
            failed += u64::from(done.is_err());
            let done = done.unwrap_or(1).clamp(1, rest.len());
            rest = rest.split_at_mut(done).1;
        }
        failed
    }

    fn send_each_from_its_address(&self, socket: &Socket) -> u64 {
        let mut failed = 0;
        for (envelope, answer) in self.replies() {
            failed += u64::from(send_from(socket, envelope, answer).is_err());
        }
        failed
    }
}

fn send_from(socket: &Socket, envelope: &Envelope, answer: &[u8]) -> nix::Result<usize> {
    let fd = socket.as_raw_fd();
    let slices = [IoSlice::new(answer)];
    let flags = MsgFlags::empty();
    match (envelope.to, envelope.from) {
        (IpAddr::V4(to), SocketAddr::V4(from)) => {
            let source = libc::in_pktinfo {
                ipi_ifindex: 0,
                ipi_spec_dst: libc::in_addr { s_addr: u32::from(to).to_be() },
                ipi_addr: libc::in_addr { s_addr: 0 },
            };
            let control = [ControlMessage::Ipv4PacketInfo(&source)];
            sendmsg(fd, &slices, &control, flags, Some(&SockaddrIn::from(from)))
        }
        (IpAddr::V6(to), SocketAddr::V6(from)) => {
            let source = libc::in6_pktinfo {
                ipi6_addr: libc::in6_addr { s6_addr: to.octets() },
                ipi6_ifindex: 0,
            };
            let control = [ControlMessage::Ipv6PacketInfo(&source)];
            sendmsg(fd, &slices, &control, flags, Some(&SockaddrIn6::from(from)))
        }
        _ => Err(Errno::EAFNOSUPPORT),
    }
}

fn envelope(message: &RecvMsg<'_, '_, SockaddrStorage>, bound: IpAddr) -> Envelope {
    let nobody = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let from = message.address.as_ref().and_then(address).unwrap_or(nobody);
    Envelope { length: message.bytes, from, to: sent_to(message).unwrap_or(bound) }
}

fn address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = storage.as_sockaddr_in() {
        return Some(SocketAddrV4::from(*v4).into());
    }
    storage.as_sockaddr_in6().map(|v6| SocketAddrV6::from(*v6).into())
}

fn sent_to(message: &RecvMsg<'_, '_, SockaddrStorage>) -> Option<IpAddr> {
    message.cmsgs().ok()?.find_map(|control| match control {
        ControlMessageOwned::Ipv4PacketInfo(info) => {
            Some(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr)).into())
        }
        ControlMessageOwned::Ipv6PacketInfo(info) => {
            Some(canonical(Ipv6Addr::from(info.ipi6_addr.s6_addr).into()))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    #[test]
    fn perf_01_what_waits_is_taken_in_one_call_and_answered_in_one() {
        let here: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let server = UdpSocket::bind(here).unwrap();
        let client = UdpSocket::bind(here).unwrap();
        client.connect(server.local_addr().unwrap()).unwrap();
        for number in 0..40 {
            client.send(&[number]).unwrap();
        }
        let mut batch = Batch::new(here);
        let socket = Socket::from(server);

        assert_eq!(batch.receive(&socket).unwrap(), 40);
        assert!(!batch.is_full());
        batch.answer_each(|datagram, out| out.extend_from_slice(datagram.bytes));
        assert_eq!(batch.send(&socket), 0);
        let mut buffer = [0; 8];
        for number in 0..40 {
            assert_eq!((client.recv(&mut buffer).unwrap(), buffer[0]), (1, number));
        }
    }
}
