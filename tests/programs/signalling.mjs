// Two clients of the npm package bittorrent-tracker meet over one tracker; prints what both were told.
// usage: node signalling.mjs INFO_HASH URL_OF_SEEDER URL_OF_LEECHER

import { register } from 'node:module'

register('./hooks.mjs', import.meta.url)
const { Client } = await import('bittorrent-tracker')
const [infoHash, ...urls] = process.argv.slice(2)
const left = [0, 9]
const told = { updates: [], peers: [], warnings: [], scrape: null }

function client (at) {
  const made = new Client({
    infoHash,
    announce: [urls[at]],
    peerId: Buffer.from(`-XX0001-${at}${Math.random().toString(36).slice(2, 8)}     `).subarray(0, 20),
    port: 6881,
    getAnnounceOpts: () => ({ uploaded: 0, downloaded: at * 9 - left[at], left: left[at] })
  })
  made.on('error', error => { throw error })
  made.on('warning', warning => told.warnings.push(warning.message))
  made.on('update', ({ complete, incomplete, interval }) => told.updates.push({ at, complete, incomplete, interval }))
  return made
}

const next = (emitter, event) => new Promise(resolve => emitter.once(event, resolve))
const seeder = client(0)
const leecher = client(1)
seeder.start()
await next(seeder, 'update')
const offered = next(seeder, 'peer')
const answered = next(leecher, 'peer')
leecher.start()
told.peers.push((await offered).id === leecher.peerId, (await answered).id === seeder.peerId)
leecher.scrape()
const { complete, incomplete, downloaded } = await next(leecher, 'scrape')
told.scrape = { complete, incomplete, downloaded }
left[1] = 0
leecher.complete()
await next(leecher, 'update')
leecher.stop()
await next(leecher, 'update')
console.log(JSON.stringify(told))
process.exit(0)
