/** Sounds for tests, as WAV files. */

/**
 * @param {Float32Array[]} channels of the same length @param {number} rate
 * @returns {Buffer} a WAV file of 16 bits
 */
export function wav(channels, rate) {
  const frames = channels[0].length;
  const size = frames * channels.length * 2;
  const file = Buffer.alloc(44 + size);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + size, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(channels.length, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * channels.length * 2, 28);
  file.writeUInt16LE(channels.length * 2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(size, 40);
  for (let frame = 0; frame < frames; frame += 1) {
    for (const [place, channel] of channels.entries()) {
      file.writeInt16LE(Math.round(Math.max(-1, Math.min(1, channel[frame])) * 32767), 44 + (frame * channels.length + place) * 2);
    }
  }
  return file;
}

/**
 * Something like a voice: a buzz whose loudness goes up and down as in syllables, over faint noise.
 * @param {[number, boolean][]} parts seconds, and whether somebody speaks @param {number} rate
 * @returns {Float32Array}
 */
export function voice(parts, rate) {
  const total = parts.reduce((sum, [seconds]) => sum + Math.round(seconds * rate), 0);
  const made = new Float32Array(total);
  let at = 0;
  let seed = 1;
  for (const [seconds, speaks] of parts) {
    const size = Math.round(seconds * rate);
    for (let index = 0; index < size; index += 1) {
      const time = index / rate;
      seed = (seed * 16_807) % 2_147_483_647;
      let value = (seed / 2_147_483_647 - 0.5) * 0.002;
      if (speaks) for (const harmonic of [1, 2, 3, 5, 8]) value += ((0.15 * (1 - Math.cos(2 * Math.PI * 4 * time))) / harmonic) * Math.sin(2 * Math.PI * 160 * harmonic * time);
      made[at + index] = value;
    }
    at += size;
  }
  return made;
}
