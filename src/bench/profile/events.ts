/**
 * @file What a step does on a device, as it happens: launches and allocations by `tap`, calls of ops by `onCall`,
 * passes by the recorder's watcher, modules and the walk backward by `calling`. Only notes are made here; all is worked
 * out afterwards.
 */
import type { Block, Device, Launch } from '../../core/device.ts'
import { bytesOf } from '../../core/device.ts'
import { type BackwardPlace, calling, type ModuleFrame } from '../../core/frame.ts'
import { type Call, onCall } from '../../core/op.ts'
import { tap } from '../../core/tap.ts'
import type { Tensor } from '../../core/tensor.ts'
import type { WebGPUDevice } from '../../webgpu/device.ts'
import { PassTimer } from '../timer.ts'
import { bytesMoved, flopsOf } from './cost.ts'

/** A kernel's launch as the host saw it. Times are milliseconds of `performance.now()`. */
export interface Launched {
  readonly kernel: string
  /** The variant that was chosen; null on the CPU device. */
  variant: string | null
  readonly begin: number
  end: number
  dispatches: number
  /** Seconds on the device. */
  device: number
  bytes: number
  readonly flops: number | undefined
}

/** A call of an op, or a launch or an allocation outside of ops: an optimizer's step, a new tensor. */
export interface Called {
  readonly name: string
  /** `[64, 784] [784, 256] → [64, 256]`; '' where it is not known. */
  readonly shape: string
  readonly begin: number
  readonly end: number
  readonly frame: ModuleFrame | null
  /** Where a walk backward was. */
  readonly back: BackwardPlace | null
  readonly launches: readonly Launched[]
  readonly allocations: number
  readonly allocatedBytes: number
}

/** A copy between host and device. */
export interface Transfer {
  readonly kind: 'write' | 'read'
  readonly bytes: number
  readonly begin: number
  end: number
}

/** A dispatch on the device, in seconds of its own clock. */
export interface Pass {
  readonly begin: number
  readonly end: number
  /** Undefined for what no launch asked for. */
  readonly launched: Launched | undefined
}

/** One step. */
export interface StepEvents {
  readonly begin: number
  /** The step's function had returned: what it launched was encoded. */
  readonly encoded: number
  /** The device had done all of it. */
  readonly end: number
  readonly called: readonly Called[]
  readonly transfers: readonly Transfer[]
  readonly passes: readonly Pass[]
}

/** Something between two calls of ops. */
interface Pending {
  readonly label: string
  readonly begin: number
  readonly end: number
  readonly frame: ModuleFrame | null
  readonly back: BackwardPlace | null
  /** Bytes that were allocated, or the launch. */
  readonly allocated: number
  readonly launched: Launched | undefined
  readonly launch: Launch | undefined
}

/** What a device calls the buffers of one launch. */
const SCRATCH = /^scratch of /

const now = (): number => performance.now()

/** Watches a device from `begin` to `stop`; `mark` ends a step and begins the next. */
export class Watch {
  readonly device: Device
  /** Whether the device says when it ran what. */
  readonly timed: boolean
  private readonly timer: PassTimer | null
  private current: Launched | undefined
  private owners: (Launched | undefined)[] = []
  private pending: Pending[] = []
  private called: Called[] = []
  private transfers: Transfer[] = []
  private started = 0
  private stops: (() => void)[] = []
  /** The device's clock at the first pass. */
  private base: bigint | undefined

  constructor(device: Device) {
    this.device = device
    const webgpu = device.kind === 'webgpu' ? (device as WebGPUDevice) : null
    this.timed = webgpu?.facts.features.has('timestamp-query') ?? false
    this.timer = webgpu && this.timed ? new PassTimer(webgpu.gpu, { each: true }) : null
  }

  /** From now on, on an idle device. */
  async begin(): Promise<void> {
    const { device } = this
    await device.sync()
    const taps = {
      run: (next: Device['run'], launch: Launch) => this.run(next, launch),
      alloc: (next: Device['alloc'], ...args: Parameters<Device['alloc']>) => this.alloc(next, ...args),
      write: (next: Device['write'], ...args: Parameters<Device['write']>) => this.write(next, ...args),
      read: (next: Device['read'], ...args: Parameters<Device['read']>) => this.read(next, ...args),
    }
    this.stops = [tap(device, taps), onCall((call) => this.call(call))]
    if (device.kind === 'webgpu') {
      const webgpu = device as WebGPUDevice
      webgpu.watch(this.passWatcher())
      this.stops.push(() => webgpu.watch(null))
    }
    this.reset()
  }

  /** The step ends here; the next begins when this has been awaited. */
  async mark(): Promise<StepEvents> {
    const encoded = now()
    this.flush(this.pending.length)
    const { called, transfers, started: begin } = this
    await this.device.sync()
    const end = now()
    const spans = (await this.timer?.read()) ?? []
    const first = spans[0]?.begin ?? 0n
    this.base ??= first
    const { base, owners } = this
    // One by one, in the order in which they were begun.
    const passes = spans.map(
      (span, i): Pass => ({
        begin: Number(span.begin - base) / 1e9,
        end: Number(span.end - base) / 1e9,
        launched: owners[i],
      }),
    )
    for (const { begin, end, launched } of passes) if (launched) launched.device += end - begin
    this.reset()
    return { begin, encoded, end, called, transfers, passes }
  }

  /** Forget what happened since the last mark: it belongs to no step. */
  async skip(): Promise<void> {
    await this.device.sync()
    await this.timer?.read()
    this.reset()
  }

  /** Watch no longer. */
  stop(): void {
    for (const stop of this.stops.splice(0)) stop()
    this.timer?.destroy()
  }

  private reset(): void {
    this.owners = []
    this.pending = []
    this.called = []
    this.transfers = []
    this.started = now()
  }

  private passWatcher() {
    const { timer } = this
    return {
      each: true,
      launches: (launch: Launch, variant: string) => {
        if (this.current) this.current.variant = variant
        timer?.launches(launch, variant)
      },
      begins: () => {
        if (this.current) this.current.dispatches++
        if (timer) this.owners.push(this.current)
        return timer?.begins()
      },
    }
  }

  private run(next: Device['run'], launch: Launch): void {
    const { kernel, label } = launch
    const begin = now()
    const launched: Launched = {
      ...{ kernel: kernel.name, variant: null, begin, end: begin, dispatches: 0, device: 0, bytes: 0 },
      flops: flopsOf(launch),
    }
    this.current = launched
    try {
      next(launch)
    } finally {
      this.current = undefined
      launched.end = now()
    }
    // What is not a GPU ran at once: its time is the device's.
    if (this.device.kind !== 'webgpu') {
      launched.device = (launched.end - begin) / 1e3
      launched.dispatches = 1
    }
    this.note({ label, begin, end: launched.end, allocated: 0, launched, launch })
  }

  private alloc(next: Device['alloc'], ...[dtype, length, label]: Parameters<Device['alloc']>): Block {
    const begin = now()
    const block = next(dtype, length, label)
    this.note({
      ...{ label: label.replace(SCRATCH, ''), begin, end: now(), launched: undefined, launch: undefined },
      allocated: length * bytesOf[dtype],
    })
    return block
  }

  private write(next: Device['write'], ...[block, data, offset]: Parameters<Device['write']>): void {
    const begin = now()
    next(block, data, offset)
    this.transfers.push({ kind: 'write', bytes: data.byteLength, begin, end: now() })
  }

  private async read(...[next, block, start, length]: [Device['read'], ...Parameters<Device['read']>]) {
    const begin = now()
    const transfer: Transfer = { kind: 'read', bytes: length * bytesOf[block.dtype], begin, end: begin }
    this.transfers.push(transfer)
    try {
      return await next(block, start, length)
    } finally {
      transfer.end = now()
    }
  }

  private note(event: Omit<Pending, 'frame' | 'back'>): void {
    this.pending.push({ ...event, frame: calling.now, back: calling.back })
  }

  /** An op ends: what came since it allocated its first result is its own. */
  private call({ op, inputs, outputs }: Call): void {
    const { name } = op
    const first = this.pending.findIndex(({ label, launch }) => label === name && !launch)
    const device = outputs[0]?.device
    // A view launches nothing.
    if (first < 0 || device !== this.device) return
    this.flush(first)
    const own = this.pending.splice(0)
    const shape = `${inputs.flatMap((x) => (x ? shapeText(x) : [])).join(' ')} → ${outputs.map(shapeText).join(' ')}`
    const elements = new Map<Block, number>()
    for (const x of [...inputs, ...outputs]) {
      if (!x || x.numel === 0) continue
      const { block } = x.storage
      elements.set(block, (elements.get(block) ?? 0) + x.numel)
    }
    this.called.push(calledOf(name, shape, own, now(), elements))
  }

  /** The first of what is pending, outside of ops: neighbours of one name together. */
  private flush(count: number): void {
    const loose = this.pending.splice(0, count)
    while (loose.length > 0) {
      const { label } = loose[0]
      const other = loose.findIndex((one) => one.label !== label)
      const own = loose.splice(0, other < 0 ? loose.length : other)
      this.called.push(calledOf(label, looseShape(own), own, own[own.length - 1].end))
    }
  }
}

function calledOf(
  name: string,
  shape: string,
  own: readonly Pending[],
  end: number,
  elements?: ReadonlyMap<Block, number>,
): Called {
  const allocations = own.filter(({ launch }) => !launch)
  const launches = own.flatMap(({ launch, launched }) => {
    if (!launch || !launched) return []
    launched.bytes = bytesMoved(launch, elements)
    return [launched]
  })
  const { begin, frame, back } = own[0]
  const allocatedBytes = allocations.reduce((sum, { allocated }) => sum + allocated, 0)
  return { name, shape, begin, end, frame, back, launches, allocations: allocations.length, allocatedBytes }
}

const shapeText = ({ shape }: Tensor): string => `[${shape.join(', ')}]`

/** Of the first thing that a launch outside of ops writes; '' where it has several parameters at a time. */
function looseShape(own: readonly Pending[]): string {
  const launch = own.find((one) => one.launch)?.launch
  if (!launch || launch.params.sizes !== undefined) return ''
  const at = launch.kernel.bindings.findIndex(({ role }) => role !== 'in')
  const block = launch.blocks[at]
  return block ? `[${block.length}]` : ''
}
