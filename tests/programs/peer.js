// A browser that shares one torrent; the tests call join, told, digest, report and leave.

import WebTorrent from './webtorrent.min.js'

// Pieces in memory; a seeder's are there from the start.
class Shelf {
  static content = null

  constructor (chunkLength, { length }) {
    this.chunkLength = chunkLength
    Shelf.content ??= new Uint8Array(length)
  }

  put (index, chunk, done = () => {}) {
    Shelf.content.set(chunk, index * this.chunkLength)
    queueMicrotask(() => done(null))
  }

  get (index, given, done) {
    const { offset = 0, length = this.chunkLength - offset } = typeof given === 'function' ? {} : given ?? {}
    const start = index * this.chunkLength + offset
    queueMicrotask(() => (done ?? given)(null, Shelf.content.slice(start, start + length)))
  }

  close (done = () => {}) { queueMicrotask(() => done(null)) }
  destroy (done = () => {}) { this.close(done) }
}

const bytes = base64 => Uint8Array.from(atob(base64), letter => letter.charCodeAt(0))
const client = new WebTorrent({ dht: false, lsd: false, utPex: false, tracker: { rtcConfig: { iceServers: [] } } })
const trouble = []
client.on('error', error => trouble.push(String(error)))

window.join = (torrent, content) => {
  Shelf.content = content === null ? null : bytes(content)
  const added = client.add(bytes(torrent), { store: Shelf, storeCacheSlots: 0 })
  added.on('warning', warning => trouble.push(String(warning)))
}

window.told = () => {
  const [torrent] = client.torrents
  return {
    sent: torrent.uploaded,
    received: torrent.downloaded,
    isComplete: torrent.done,
    peers: torrent.numPeers,
    trouble
  }
}

window.digest = async () => {
  const digest = await crypto.subtle.digest('SHA-256', Shelf.content)
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}

// What it does by itself at each interval. On leaving it says no counters at all.
window.report = () => client.torrents[0].discovery.tracker.update()

window.leave = () => new Promise(resolve => client.destroy(resolve))
