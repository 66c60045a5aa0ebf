/**
 * The part of the microphone that runs in the audio thread: an audio worklet that hands samples over in blocks of a
 * tenth of a second.
 */

/** Mixes what comes in to one channel and posts it, block by block. */
class Listener extends AudioWorkletProcessor {
  #block = new Float32Array(Math.round(sampleRate / 10));
  #filled = 0;

  /** @param {Float32Array[][]} inputs @returns {boolean} whether it goes on */
  process([channels]) {
    const length = channels[0]?.length ?? 0; // none while nothing is connected
    for (let index = 0; index < length; index += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[index];
      this.#block[this.#filled] = sum / channels.length;
      this.#filled += 1;
      if (this.#filled === this.#block.length) this.#hand();
    }
    return true;
  }

  #hand() {
    const { length } = this.#block;
    this.port.postMessage(this.#block, [this.#block.buffer]);
    this.#block = new Float32Array(length);
    this.#filled = 0;
  }
}

registerProcessor('nearside-listener', Listener);
