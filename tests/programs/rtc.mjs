// WebRTC without a network, for a Node client that only signals: descriptions that say who wrote them.

class Channel {
  binaryType = 'arraybuffer'
  bufferedAmount = 0
  close () {}
}

export class RTCPeerConnection {
  static written = 0
  signalingState = 'stable'
  connectionState = 'new'
  iceConnectionState = 'new'
  iceGatheringState = 'complete'

  async #describe (type) {
    RTCPeerConnection.written += 1
    return { type, sdp: `v=0\r\ns=${type} ${RTCPeerConnection.written}\r\n` }
  }

  createDataChannel () { return new Channel() }
  createOffer () { return this.#describe('offer') }
  createAnswer () { return this.#describe('answer') }
  async setLocalDescription (description) {
    this.localDescription = description
    queueMicrotask(() => this.onicecandidate?.({ candidate: null }))
  }

  async setRemoteDescription (description) { this.remoteDescription = description }
  getTransceivers () { return [] }
  close () {}
}

export class RTCSessionDescription {
  constructor ({ type, sdp }) { Object.assign(this, { type, sdp }) }
}

export class RTCIceCandidate {}
