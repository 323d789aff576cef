/** @file Where a thread is: what builtin values and faults say of it. */

export class Me {
  /** Workgroup, their number, threads of a workgroup, thread in the workgroup: along x, y, z. */
  gx = 0
  gy = 0
  gz = 0
  nx = 1
  ny = 1
  nz = 1
  readonly sx: number
  readonly sy: number
  readonly sz: number
  lx = 0
  ly = 0
  lz = 0
  /** `local_invocation_index` */
  thread = 0
  subgroupSize = 4
  subgroups = 1
  subgroup = 0
  lane = 0
  /** Barriers that the workgroup passed. */
  phase = 0
  private interleaved = false

  constructor([sx, sy, sz]: readonly [number, number, number]) {
    this.sx = sx
    this.sy = sy
    this.sz = sz
  }

  /**
   * The lanes of a workgroup: in order, or dealt out to the subgroups in turn. Which thread is which lane is the
   * adapter's choice.
   */
  deal(size: number, interleaved: boolean): void {
    this.subgroupSize = size
    this.subgroups = Math.ceil((this.sx * this.sy * this.sz) / size)
    this.interleaved = interleaved
  }

  /** From now on this thread runs. */
  become(thread: number): void {
    this.thread = thread
    this.lx = thread % this.sx
    this.ly = Math.floor(thread / this.sx) % this.sy
    this.lz = Math.floor(thread / (this.sx * this.sy))
    this.subgroup = this.subgroupOf(thread)
    this.lane = this.laneOf(thread)
  }

  subgroupOf(thread: number): number {
    return this.interleaved ? thread % this.subgroups : Math.floor(thread / this.subgroupSize)
  }

  laneOf(thread: number): number {
    return this.interleaved ? Math.floor(thread / this.subgroups) : thread % this.subgroupSize
  }

  get group(): [number, number, number] {
    return [this.gx, this.gy, this.gz]
  }
}
