/**
 * @file The engine's random state: a seed, and two streams of Philox numbers from it, one for kernels on any device and
 * one for what is drawn on the host in float64 (initial weights, shuffles). Philox itself is ../../core/philox.ts.
 *
 * Kernels draw blocks of four words: a launch of n blocks takes n numbers of the sequence 0, 1, 2, …, and is told its
 * first. That number is a live cell whose `next` takes n blocks again. So a recorded step that is run again, its cells
 * advanced in the order of its launches, asks the generator for the same counts in the same order as the step itself
 * would, and is given the same offsets; what is drawn after it follows on as if the step had been computed anew. The
 * seed is live as well: `manualSeed` holds for recorded steps too. Numbers from the host's stream are data that a step
 * was given, and stay what they were.
 */
import { describe, fail } from '../../core/errors.ts'
import { Live } from '../../core/kernel.ts'
import { Philox, type PhiloxStart } from '../../core/philox.ts'

/** Streams never meet: kernels use 0. */
const HOST_STREAM = 1

/**
 * Where a launch's random numbers begin, as params of its kernel. Who draws the same numbers again passes the same
 * cells.
 */
export type Draw = Readonly<Record<keyof PhiloxStart, Live>>

/** All of a generator's state, as JSON holds it. */
export interface RandomState {
  readonly seed: number
  /** Blocks of four words that kernels have drawn. */
  readonly blocks: number
  /** Words that the host has drawn. */
  readonly words: number
}

/** A seed and how much of its two streams was drawn. */
export class Generator {
  #seed: number
  #blocks = 0
  #host: Philox

  /** @param seed  an integer from 0 to 2⁵³ − 1 */
  constructor(seed: number) {
    this.#seed = seed
    this.#host = new Philox(seed, 0, HOST_STREAM)
  }

  /** The host's numbers, for initial weights and shuffles. Another object after a new seed. */
  get host(): Philox {
    return this.#host
  }

  /** Start both streams anew. */
  manualSeed(seed: number): void {
    this.restore({ seed, blocks: 0, words: 0 }, 'manualSeed')
  }

  state(): RandomState {
    return { seed: this.#seed, blocks: this.#blocks, words: this.#host.state().offset }
  }

  /**
   * Stand where `state()` was taken.
   * @param op  the function that is called, for errors
   * @throws HandgradError if one of the three is not an integer from 0 to 2⁵³ − 1
   */
  restore({ seed, blocks, words }: RandomState, op = 'Generator.restore'): void {
    for (const [name, value] of Object.entries({ seed, blocks, words })) {
      if (!Number.isSafeInteger(value) || value < 0)
        fail(op, `${name} is ${String(value)}`, 'give an integer from 0 to 2^53 - 1')
    }
    this.#seed = seed
    this.#blocks = blocks
    this.#host = new Philox(seed, words, HOST_STREAM)
  }

  /** Take blocks of four words for a launch. After 2⁵³ blocks, 3.6e16 numbers, a host number no longer counts them. */
  draw(blocks: number): Draw {
    const [seed_lo, seed_hi, offset_hi] = [new Live(0), new Live(0), new Live(0)]
    const offset_lo = new Live(0, () => {
      const first = this.#blocks
      this.#blocks += blocks
      seed_lo.value = this.#seed >>> 0
      seed_hi.value = high(this.#seed)
      offset_hi.value = high(first)
      return first >>> 0
    })
    offset_lo.advance()
    return { seed_lo, seed_hi, offset_lo, offset_hi }
  }
}

const high = (n: number): number => Math.floor(n / 2 ** 32)

/** What all random functions draw from. Without `manualSeed`, each program has its own seed. */
export const defaultGenerator = /* @__PURE__ */ new Generator(/* @__PURE__ */ Math.floor(Math.random() * 2 ** 32))

/**
 * Restart all random numbers: weights, shuffles, `rand`, `randn`. The same seed gives the same numbers on every
 * device.
 * @param value  an integer from 0 to 2⁵³ − 1
 * @throws HandgradError if value is not such an integer
 * @see Salmon et al. 2011: Philox4x32-10, which all of them come from
 */
export function manualSeed(value: number): void {
  defaultGenerator.manualSeed(value)
}

/**
 * Where the random numbers stand: three integers, for a checkpoint. `setRandomState` goes on from there, in this
 * program or another, on any device.
 */
export const getRandomState = (): RandomState => defaultGenerator.state()

/**
 * Go on where {@link getRandomState} was called: the same numbers follow as followed there.
 * @throws HandgradError if the state has a number that is not an integer from 0 to 2⁵³ − 1
 */
export function setRandomState(state: RandomState): void {
  if (typeof state !== 'object' || state === null)
    fail('setRandomState', `the state is ${describe(state)}`, 'give what getRandomState() returned')
  defaultGenerator.restore(state, 'setRandomState')
}
