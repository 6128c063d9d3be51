// Gives packages that ask for WebRTC the one of rtc.mjs.

export function resolve (specifier, context, next) {
  return next(specifier === 'webrtc-polyfill' ? new URL('rtc.mjs', import.meta.url).href : specifier, context)
}
