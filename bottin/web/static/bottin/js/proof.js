// Solves the registration form's proof of work while it is filled: no third party, no worker.
//
// The challenge is altcha v2 with SHA-256: find a counter such that SHA-256, applied `cost`
// times to salt ‖ nonce ‖ counter (32 bits, big-endian), starts with `keyPrefix`. WebCrypto
// is asynchronous, slow for many small hashes and absent over plain HTTP: hence our own.
// Work comes in slices of a few milliseconds, so that typing never stutters.

"use strict";

(() => {
  const SLICE_MS = 12;
  const K = new Uint32Array(64);
  const START = new Uint32Array(8);

  // The constants of FIPS 180-4: fractional parts of roots of the first primes.
  (() => {
    const fraction = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
    let found = 0;
    for (let n = 2; found < 64; n += 1) {
      let isPrime = true;
      for (let d = 2; d * d <= n; d += 1) if (n % d === 0) isPrime = false;
      if (!isPrime) continue;
      if (found < 8) START[found] = fraction(Math.sqrt(n));
      K[found] = fraction(Math.cbrt(n));
      found += 1;
    }
  })();

  const schedule = new Int32Array(64);

  // Hashes one block of 16 words, already padded, into `out`.
  const compress = (block, out) => {
    const w = schedule;
    for (let i = 0; i < 16; i += 1) w[i] = block[i];
    for (let i = 16; i < 64; i += 1) {
      const a = w[i - 15];
      const b = w[i - 2];
      const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
      const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = START;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0;
      d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    out[0] = START[0] + a; out[1] = START[1] + b; out[2] = START[2] + c; out[3] = START[3] + d;
    out[4] = START[4] + e; out[5] = START[5] + f; out[6] = START[6] + g; out[7] = START[7] + h;
  };

  const words = (hex) => hex.match(/.{8}/g).map((part) => parseInt(part, 16) | 0);
  const hexOf = (state) => Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");

  // Salt and nonce are 16 bytes each, as the server makes them: one block with the counter.
  const solver = (parameters) => {
    const first = new Int32Array(16);
    first.set(words(parameters.salt), 0);
    first.set(words(parameters.nonce), 4);
    first[9] = 0x80000000 | 0;
    first[15] = 36 * 8;
    const again = new Int32Array(16);
    again[8] = 0x80000000 | 0;
    again[15] = 32 * 8;
    const state = new Uint32Array(8);
    const bits = parameters.keyPrefix.length * 4;
    const wanted = parseInt(parameters.keyPrefix, 16);
    return (counter) => {
      first[8] = counter | 0;
      compress(first, state);
      for (let round = 1; round < parameters.cost; round += 1) {
        again.set(state, 0);
        compress(again, state);
      }
      return state[0] >>> (32 - bits) === wanted ? hexOf(state) : "";
    };
  };

  const canSolve = ({ algorithm, keyPrefix, keyLength, salt, nonce }) =>
    algorithm === "SHA-256" && keyLength === 32 && salt.length === 32 && nonce.length === 32 &&
    keyPrefix.length > 0 && keyPrefix.length <= 7;

  const solve = (challenge, done) => {
    const attempt = solver(challenge.parameters);
    let counter = 0;
    const slice = () => {
      const end = performance.now() + SLICE_MS;
      while (performance.now() < end) {
        for (let i = 0; i < 64; i += 1, counter += 1) {
          const derivedKey = attempt(counter);
          if (derivedKey) {
            done({ challenge, solution: { counter, derivedKey } });
            return;
          }
        }
      }
      setTimeout(slice, 0);
    };
    slice();
  };

  const prepare = (form) => {
    const fields = form.elements;
    const state = form.querySelector("[data-proof-state]");
    if (fields.solution.value || !fields.challenge.value) return;
    const challenge = JSON.parse(fields.challenge.value);
    if (!canSolve(challenge.parameters)) return;
    let isAwaited = false;
    let isSolved = false;
    solve(challenge, (payload) => {
      fields.solution.value = btoa(JSON.stringify(payload));
      isSolved = true;
      state.textContent = isAwaited ? "" : state.dataset.done;
      if (isAwaited) form.requestSubmit();
    });
    if (!isSolved) state.textContent = state.dataset.working;
    form.addEventListener("submit", (event) => {
      if (isSolved) return;
      event.preventDefault();
      isAwaited = true;
    });
  };

  document.querySelectorAll("form[data-proof]").forEach(prepare);
})();
