//! A WebSocket client: one connection, messages as JSON.
#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test that goes astray must stop")]

use super::HYBRID;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tungstenite::{Message, WebSocket};

/// Long enough for a loaded machine; a silence is waited for with the shorter one.
const PATIENCE: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_millis(300);

/// Bytes as a string of code points below 256.
pub fn latin(byte: u8) -> String {
    std::iter::repeat_n(char::from(byte), 20).collect()
}

pub struct Web {
    pub socket: WebSocket<TcpStream>,
    pub peer: u8,
}

impl Web {
    /// Connects with the key of member `user`, whose number is its peer id too.
    pub fn member(tracker: SocketAddr, user: u8) -> Self {
        Self::at(tracker, &format!("/{}/announce", super::key(user.into())), user)
    }

    pub fn visitor(tracker: SocketAddr, peer: u8) -> Self {
        Self::at(tracker, "/announce", peer)
    }

    pub fn at(tracker: SocketAddr, path: &str, peer: u8) -> Self {
        Self::try_at(tracker, path, peer).unwrap()
    }

    /// The connection, or the status it was refused with.
    pub fn try_at(tracker: SocketAddr, path: &str, peer: u8) -> Result<Self, u16> {
        let stream = TcpStream::connect(tracker).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        match tungstenite::client(format!("ws://{tracker}{path}"), stream) {
            Ok((socket, _)) => Ok(Self { socket, peer }),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(response))) => {
                Err(response.status().as_u16())
            }
            Err(other) => panic!("{other}"),
        }
    }

    pub fn send(&mut self, message: &Value) {
        self.socket.send(Message::text(message.to_string())).unwrap();
    }

    /// The next message.
    pub fn hear(&mut self) -> Value {
        loop {
            match self.socket.read().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub fn ask(&mut self, message: &Value) -> Value {
        self.send(message);
        self.hear()
    }

    /// Announces with changes to the default: a leecher's plain report with one offer.
    pub fn announce(&mut self, changes: &Value) -> Value {
        let message = self.announcement(changes);
        self.ask(&message)
    }

    pub fn announcement(&self, changes: &Value) -> Value {
        let mut message = json!({
            "action": "announce", "info_hash": latin(HYBRID), "peer_id": latin(self.peer),
            "uploaded": 0, "downloaded": 0, "left": 9, "numwant": 5,
            "offers": [{"offer_id": latin(self.peer), "offer": {"type": "offer", "sdp": "v=0"}}],
        });
        for (name, value) in changes.as_object().unwrap() {
            message[name] = value.clone();
        }
        message
    }

    pub fn answer(&mut self, to: u8) {
        let message = json!({
            "action": "announce", "info_hash": latin(HYBRID), "peer_id": latin(self.peer),
            "to_peer_id": latin(to), "offer_id": latin(to),
            "answer": {"type": "answer", "sdp": "v=1"},
        });
        self.send(&message);
    }

    /// Whether nothing comes for a while.
    pub fn is_silent(&mut self) -> bool {
        self.socket.get_mut().set_read_timeout(Some(SILENCE)).unwrap();
        let read = self.socket.read();
        self.socket.get_mut().set_read_timeout(Some(PATIENCE)).unwrap();
        matches!(&read, Err(tungstenite::Error::Io(_)))
    }

    /// The code the tracker closes with.
    pub fn close_code(&mut self) -> Option<u16> {
        loop {
            match self.socket.read() {
                Ok(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }
}
