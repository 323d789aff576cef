/**
 * @file The CPU device: blocks are typed arrays, a launch calls the kernel's CPU twin at once. It is the fallback where
 * there is no GPU, and the reference that every WGSL kernel is compared with. The twins are in kernels/, under the
 * names of shaders/.
 */
import { CollectorHint } from '../core/collector.ts'
import {
  arrayOf,
  type Block,
  bytesOf,
  checkLimit,
  checkRead,
  checkWrite,
  type Device,
  type DeviceMemory,
  type DType,
  isFloat,
  isHalf,
  type Launch,
} from '../core/device.ts'
import { checkOptions, DeviceLostError, fail, HandgradError, OutOfMemoryError } from '../core/errors.ts'
import { type Kernel, Live, type Twin, type TypedArray } from '../core/kernel.ts'
import { checkAtOnce } from '../core/scope.ts'
import { showAsText } from '../core/show.ts'
import { copy } from './kernels/copy.ts'
import { fill } from './kernels/fill.ts'

interface CpuBlock extends Block {
  readonly label: string
  data: TypedArray
}

/** Cells before and after each block in debug mode, and what they hold. */
const GUARD = 16
const GUARD_VALUE = 12345

/** NaN in both formats of 16 bits. */
const NAN_BITS = 0x7fff

/** Live blocks, and bytes, more than before after which a read makes way for the garbage collector. */
const HINT_BLOCKS = 5000
const HINT_BYTES = 64 * 2 ** 20

/** How a CPU device behaves. */
export interface CpuOptions {
  /** Bytes that may be live, from 0 up. Default 4 GiB; may be changed later as `device.memoryLimit`. */
  memoryLimit?: number
  /**
   * Fill new blocks with NaN and watch the cells around them: catches reads of what was never written and writes
   * outside.
   */
  debug?: boolean
}

/** Make a CPU device. One is made for you: `device('cpu')` returns it. */
export class CpuDevice implements Device {
  readonly kind = 'cpu'
  readonly name = 'cpu'
  readonly dtypes: readonly DType[] = Object.keys(bytesOf) as DType[]
  readonly readsAsIs: readonly DType[] = ['float16', 'bfloat16']
  private readonly debug: boolean
  private limit: number
  private live = 0
  private liveBytes = 0
  private lost = false
  private readonly collector = new CollectorHint(HINT_BLOCKS, HINT_BYTES)

  constructor(options: CpuOptions = {}) {
    checkOptions('CpuDevice', options, ['memoryLimit', 'debug'])
    this.limit = checkLimit(options.memoryLimit ?? 4 * 2 ** 30)
    this.debug = options.debug ?? false
  }

  get memoryLimit(): number {
    return this.limit
  }

  set memoryLimit(bytes: number) {
    this.limit = checkLimit(bytes)
  }

  alloc(dtype: DType, length: number, label: string): Block {
    this.check(label)
    let data: TypedArray
    try {
      data = this.debug ? guarded(dtype, length) : new arrayOf[dtype](length)
    } catch {
      // The engine refuses a typed array that the system has no room for by a RangeError.
      throw new OutOfMemoryError(label, `the system refused ${length} elements of ${dtype}`, 'use smaller batches')
    }
    this.live++
    this.liveBytes += length * bytesOf[dtype]
    const block: CpuBlock = { dtype, length, label, data }
    return block
  }

  free(block: Block): void {
    const { dtype, length } = block
    this.live--
    this.liveBytes -= length * bytesOf[dtype]
    this.collector.freed(this.live, this.liveBytes)
    if (this.debug) {
      checkGuard(block as CpuBlock)
      // Whoever still reads a freed block reads NaN.
      dataOf(block).fill(NaN)
    }
  }

  write(block: Block, data: TypedArray, offset = 0): void {
    this.check('write')
    checkWrite(block, data, offset)
    dataOf(block).set(data, offset)
  }

  async read(block: Block, start: number, length: number): Promise<TypedArray> {
    this.check('read')
    checkRead(block, start, length)
    const values = dataOf(block).slice(start, start + length)
    await this.makeWay()
    return values
  }

  peek(block: Block): TypedArray {
    this.check('read')
    return dataOf(block)
  }

  run({ kernel, blocks, params, constants, label }: Launch): void {
    this.check(label)
    const values: Record<string, number | readonly number[]> = {}
    for (const { name } of kernel.params) {
      const value = params[name]
      // Status buffers are WebGPU's; only they use launch_id.
      if (value === undefined && name !== 'launch_id') fail(label, `param ${name} of kernel ${kernel.name} is missing`)
      values[name] = value instanceof Live ? value.value : value
    }
    const arrays = blocks.map((block) => block && dataOf(block))
    const result: unknown = twinOf(kernel)(arrays, values, constants ?? {}, label)
    checkAtOnce(label, `the CPU twin of ${kernel.name}`, result, 'await nothing in it')
    if (this.debug) for (const block of blocks) if (block) checkGuard(block as CpuBlock)
  }

  async sync(): Promise<void> {
    this.check('sync')
    await this.makeWay()
  }

  memory(): DeviceMemory {
    const { live, liveBytes } = this
    return { live, liveBytes, pooled: 0, pooledBytes: 0, cached: 0, cachedBytes: 0, allocatedBytes: liveBytes }
  }

  destroy(): void {
    this.lost = true
  }

  /**
   * In a loop without a scope only the garbage collector frees, and it needs two things that reads of finished work do
   * not give it: a reason to run (core/collector.ts) and a turn of the event loop, on which finalizers wait. Both are
   * given when there are many more blocks than before; with a scope there never are. Without this the heap of 30,000
   * steps of a small model held 170,000 dead tensors and grew; with it, 9,000.
   */
  private async makeWay(): Promise<void> {
    if (!this.collector.grown(this.live, this.liveBytes)) return
    await new Promise<void>((turned) => {
      if (typeof setImmediate === 'function') setImmediate(turned)
      else setTimeout(turned)
    })
  }

  private check(op: string): void {
    if (this.lost) throw new DeviceLostError(op, 'the cpu device was destroyed')
  }

  /** One line: its kind and its memory. */
  toString(): string {
    return `CpuDevice(${this.name}, ${this.liveBytes} of ${this.memoryLimit} bytes)`
  }
}
showAsText(CpuDevice)

/** The twins of the kernels that core/launch.ts launches; all others bring theirs. */
const own: Readonly<Record<string, Twin>> = { copy, fill }
const twinOf = ({ name, cpu }: Kernel): Twin =>
  cpu ?? own[name] ?? fail(name, 'the kernel has no CPU twin', 'make it with defineKernel({ wgsl, cpu })')

const dataOf = (block: Block): TypedArray => (block as CpuBlock).data

/** An array of NaN (floats) or of an absurd value (integers) between guard cells. */
function guarded(dtype: DType, length: number): TypedArray {
  const all = new arrayOf[dtype](length + 2 * GUARD).fill(GUARD_VALUE)
  const unwritten = isHalf(dtype) ? NAN_BITS : isFloat(dtype) ? NaN : GUARD_VALUE
  return all.subarray(GUARD, GUARD + length).fill(unwritten)
}

function checkGuard({ data, length, label }: CpuBlock): void {
  const all = new (data.constructor as Float32ArrayConstructor)(data.buffer as ArrayBuffer)
  for (let i = 0; i < GUARD; i++) {
    if (all[i] !== GUARD_VALUE || all[GUARD + length + i] !== GUARD_VALUE) {
      throw new HandgradError(label, `a kernel wrote outside of its ${length} elements`, 'check the CPU twin', 'kernel')
    }
  }
}
