/** @file What all optimizers share, also one without a kernel: parameters in groups, their options, their gradients. */
import { dropGrad, slotOf } from '../core/graph.ts'
import { showAsText } from '../core/show.ts'
import type { Tensor } from '../core/tensor.ts'
import { type Group, type LiveGroup, makeGroups, type OptimizerParams } from './group.ts'
import type { OptionRule } from './rule.ts'

/** Parameters in groups, with their learning rates. */
export abstract class Grouped<Options extends { lr?: number }> {
  /** All parameters, group by group. */
  readonly params: readonly Tensor[]
  /** The parameters with their options, which can be set: `groups[1].lr = 0.01` holds from the next step on. */
  readonly groups: readonly Group<Options>[]
  /** @internal */
  protected readonly liveGroups: readonly LiveGroup<Options>[]

  /** @throws HandgradError if an option is unknown or out of range, or a parameter is not a leaf */
  constructor(rule: OptionRule<Options>, params: OptimizerParams<Options>, options: Options) {
    this.liveGroups = makeGroups(rule, params, options)
    this.groups = this.liveGroups.map(({ group }) => group)
    this.params = this.groups.flatMap((group) => group.params)
  }

  /**
   * The learning rate, of the first group; to set it sets that of every group. A change holds from the next step on.
   */
  get lr(): number {
    return this.groups[0].lr as number
  }
  set lr(value: number) {
    for (const group of this.groups) (group as { lr: number }).lr = value
  }

  /** One line: parameters and options; a line for each of several groups. */
  toString(): string {
    const lines = this.groups.map(({ params, ...options }) => {
      const values = Object.entries(options).map(([name, value]) => `${name}: ${shown(value)}`)
      return [`${params.length} tensors`, ...values].join(', ')
    })
    const inside = lines.length === 1 ? lines[0] : `\n${lines.map((line, i) => `  (${i}): ${line}`).join('\n')}\n`
    return `${this.constructor.name}(${inside})`
  }

  /** Forget all gradients. Call it before each `backward()`: gradients add up. */
  zeroGrad(): void {
    for (const param of this.params) if (param.edge) dropGrad(slotOf('zeroGrad', param))
  }
}
showAsText(Grouped)

const shown = (value: unknown): string => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value))
