/**
 * @file Debug mode: every block begins as NaN, and 64 B of a pattern after its last element must survive whatever is
 * launched. Guards are copied to the host when a block is read or freed, and looked at with the next read or sync.
 */
import { WORD_BYTES } from '../core/contract.ts'
import { KernelError } from '../core/errors.ts'
import { type Buffers, COPY_ALIGNMENT, roundUp, type Slab, USAGE, VEC4_BYTES, type WebGPUBlock } from './buffers.ts'
import type { Recorder } from './recorder.ts'

/** Bytes after the last vec4 of a block. */
const GUARD_BYTES = 64
/** A guard begins at the last element; the vec4 that holds it may be partial. */
export const MAX_GUARD_BYTES = GUARD_BYTES + VEC4_BYTES
/** A NaN that no arithmetic makes. */
const PATTERN = 0x7fc0dead
const POISON = 0x7fc00000
/** Bytes that are filled at a time. */
const CHUNK = 2 ** 20
/** Guards whose copies share a buffer. */
const SLOTS = 4096

interface Page {
  readonly slab: Slab
  readonly checks: { label: string; writer: string; length: number; words: number }[]
}

export class Guards {
  private readonly buffers: Buffers
  private readonly recorder: Recorder
  private readonly source: Slab
  private open: Page | null = null
  private filled: Page[] = []
  private idle: Slab[] = []

  constructor(device: GPUDevice, buffers: Buffers, recorder: Recorder) {
    this.buffers = buffers
    this.recorder = recorder
    this.source = buffers.createCached(CHUNK + MAX_GUARD_BYTES, USAGE.copySrc | USAGE.copyDst, 'poison')
    const words = new Uint32Array((CHUNK + MAX_GUARD_BYTES) / WORD_BYTES).fill(POISON)
    words.fill(PATTERN, CHUNK / WORD_BYTES)
    device.queue.writeBuffer(this.source.buffer, 0, words)
  }

  /** Fill a block with NaN, and its guard with the pattern. */
  arm(block: WebGPUBlock): void {
    const encoder = this.recorder.encoder()
    const { buffer } = block.slab
    const bytes = guardStart(block)
    let at = 0
    for (; bytes - at > CHUNK; at += CHUNK) encoder.copyBufferToBuffer(this.source.buffer, 0, buffer, at, CHUNK)
    const rest = bytes - at
    encoder.copyBufferToBuffer(this.source.buffer, CHUNK - rest, buffer, at, rest + guardBytes(bytes))
    block.slab.usedIn = this.recorder.serial
  }

  /** Take a copy of a block's guard. */
  watch(block: WebGPUBlock): void {
    if (this.open && this.open.checks.length === SLOTS) {
      this.filled.push(this.open)
      this.open = null
    }
    const page = (this.open ??= { slab: this.page(), checks: [] })
    const start = guardStart(block)
    const size = guardBytes(start)
    const { label, writer, length } = block
    const at = page.checks.length * MAX_GUARD_BYTES
    this.recorder.encoder().copyBufferToBuffer(block.slab.buffer, start, page.slab.buffer, at, size)
    page.checks.push({ label, writer, length, words: size / WORD_BYTES })
  }

  /**
   * Look at every guard copied before the last submit.
   * @returns the first damage; undefined too where the device was lost, which device.ts reports
   */
  async inspect(): Promise<Error | undefined> {
    const pages = this.open ? [...this.filled, this.open] : this.filled
    this.open = null
    this.filled = []
    let found: Error | undefined
    for (const page of pages) {
      const mapped = await page.slab.buffer.mapAsync(1).then(
        () => true,
        () => false,
      )
      if (!mapped) return found
      const words = new Uint32Array(page.slab.buffer.getMappedRange())
      page.checks.forEach(({ label, writer, length, words: count }, i) => {
        const begin = (i * MAX_GUARD_BYTES) / WORD_BYTES
        const bad = words.subarray(begin, begin + count).findIndex((word) => word !== PATTERN)
        if (bad < 0) return
        const what = `wrote outside of a block of ${length} elements (made by ${label}), ${bad} past its end`
        found ??= new KernelError(writer, what, 'check the bounds in the kernel')
      })
      page.slab.buffer.unmap()
      this.idle.push(page.slab)
    }
    return found
  }

  private page(): Slab {
    return (
      this.idle.pop() ?? this.buffers.createCached(SLOTS * MAX_GUARD_BYTES, USAGE.mapRead | USAGE.copyDst, 'guards')
    )
  }
}

/** The first byte that can be copied of those after the last element. */
const guardStart = (block: WebGPUBlock): number => roundUp(block.bytes, COPY_ALIGNMENT)

/** From there to 64 B after the vec4 that holds the last element. */
const guardBytes = (start: number): number => roundUp(start, VEC4_BYTES) - start + GUARD_BYTES
