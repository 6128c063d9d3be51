// The tracker of the npm package bittorrent-tracker, for benches: node server.mjs PORT udp|ws

import Server from 'bittorrent-tracker/server'

const [port, protocol] = process.argv.slice(2)
const server = new Server({ http: false, udp: protocol === 'udp', ws: protocol === 'ws', stats: false })
server.on('error', error => { throw error })
server.on('warning', () => {})
server.listen(Number(port), { http: '127.0.0.1', udp: '127.0.0.1', udp6: '::1' })
