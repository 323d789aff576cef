/**
 * @file Params as uniform buffers, for blocks that do not go as immediate data. Static values: small buffers found
 * again by content, so that bind groups repeat. Values of `Live` cells: slots of one arena, written just before each
 * submit. The packing of params into words is in params.ts.
 */
import { WORD_BYTES } from '../core/contract.ts'
import { type Buffers, type Resource, roundUp, type Slab, USAGE, VEC4_BYTES } from './buffers.ts'

/** Bytes of static blocks kept. Beyond, the less recently used half is dropped. */
const STATIC_BYTES = 256 * 1024
/** Slots of the arena: live launches per submit. */
const SLOTS = 64

interface Static {
  readonly hash: number
  readonly slab: Slab
  readonly words: Uint32Array
  usedAt: number
}

export class Uniforms {
  private readonly device: GPUDevice
  private readonly buffers: Buffers
  private readonly byHash = new Map<number, Static[]>()
  private staticBytes = 0
  private clock = 0
  private readonly slotBytes: number
  private arena: Slab | null = null
  private slots: Resource[] = []
  private readonly contents: Uint32Array<ArrayBuffer>
  private used = 0

  constructor(device: GPUDevice, buffers: Buffers) {
    this.device = device
    this.buffers = buffers
    this.slotBytes = roundUp(256, device.limits.minUniformBufferOffsetAlignment)
    this.contents = new Uint32Array((SLOTS * this.slotBytes) / WORD_BYTES)
  }

  /** The buffer that holds these words. */
  fixed(words: Uint32Array, count: number): Resource {
    let hash = count
    for (let i = 0; i < count; i++) hash = Math.imul(hash ^ words[i], 0x01000193) ^ (hash >>> 15)
    const chain = this.byHash.get(hash)
    if (chain) {
      search: for (const found of chain) {
        if (found.words.length !== count) continue
        for (let i = 0; i < count; i++) if (found.words[i] !== words[i]) continue search
        found.usedAt = ++this.clock
        return found.slab
      }
    }
    return this.create(hash, words.slice(0, count))
  }

  /** True if no slot is left until the next submit, or the block is larger than one. */
  get full(): boolean {
    return this.used === SLOTS
  }

  /** A slot with these words, good for the open command buffer only. */
  live(words: Uint32Array, count: number): Resource {
    const bytes = count * WORD_BYTES
    if (bytes > this.slotBytes) return this.fixed(words, count)
    if (!this.arena) {
      this.arena = this.buffers.createCached(SLOTS * this.slotBytes, USAGE.uniform | USAGE.copyDst, 'live params')
      for (let i = 0; i < SLOTS; i++)
        this.slots.push(this.buffers.slice(this.arena, i * this.slotBytes, this.slotBytes))
    }
    this.contents.set(words.subarray(0, count), (this.used * this.slotBytes) / WORD_BYTES)
    return this.slots[this.used++]
  }

  /** Write the slots that the command buffer about to be submitted uses. */
  flush(): void {
    if (this.used === 0 || !this.arena) return
    this.device.queue.writeBuffer(this.arena.buffer, 0, this.contents, 0, (this.used * this.slotBytes) / WORD_BYTES)
    this.used = 0
  }

  private create(hash: number, words: Uint32Array): Resource {
    const bytes = roundUp(words.byteLength, VEC4_BYTES)
    if (this.staticBytes + bytes > STATIC_BYTES) this.evict()
    const slab = this.buffers.createCached(bytes, USAGE.uniform | USAGE.copyDst, 'params')
    this.device.queue.writeBuffer(slab.buffer, 0, words.buffer as ArrayBuffer, 0, words.byteLength)
    this.staticBytes += bytes
    const made = { hash, slab, words, usedAt: ++this.clock }
    const chain = this.byHash.get(hash)
    if (chain) chain.push(made)
    else this.byHash.set(hash, [made])
    return slab
  }

  private evict(): void {
    const all = [...this.byHash.values()].flat().sort((a, b) => a.usedAt - b.usedAt)
    for (const old of all.slice(0, Math.ceil(all.length / 2))) {
      const chain = this.byHash.get(old.hash)!
      if (chain.length === 1) this.byHash.delete(old.hash)
      else chain.splice(chain.indexOf(old), 1)
      this.staticBytes -= old.slab.bytes
      this.buffers.destroyCached(old.slab)
    }
  }
}
