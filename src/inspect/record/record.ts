/** @file A training step as it ran, to be played. Loaded when it is asked for. */
import { describe, fail } from '../../core/errors.ts'
import { openScope } from '../../core/scope.ts'
import type { Tensor } from '../../core/tensor.ts'
import { optionsOf } from '../../ops/base/options.ts'
import { type Folded, withoutModules } from '../fold.ts'
import { checkNames, type Graph, graphOptions, type Survey } from '../graph.ts'
import { type Frame, framesOf, graphOf } from './frames.ts'
import { pageOf } from './page.ts'
import { Watch } from './watch.ts'

/** Options of `inspect.record`. */
export interface RecordOptions {
  /**
   * Names for tensors: `{ x, w, b }`. It is read when backward begins: a step may add to it what it makes,
   * `names.loss = loss`.
   */
  names?: Readonly<Record<string, Tensor>>
}

/** A training step, moment by moment. */
export interface Recording {
  /** The graph with its values before the update and its gradients; folded by module beyond 300 nodes. */
  readonly graph: Graph
  /** Forward in the order of the calls, backward in the order of the walk, then each parameter that changed. */
  readonly frames: readonly Frame[]
  /**
   * One HTML file that loads nothing: the graph with a slider, buttons and keys (arrows, space, home, end), light and
   * dark, as narrow as a phone.
   */
  toHTML(options?: PageOptions): string
}

/** Options of {@link Recording.toHTML}. */
export interface PageOptions {
  /** Default: 'A training step'. */
  title?: string
}

/** More nodes than a reader follows: they are folded by module. */
const MOST = 300

/** As inspect.record. */
export async function record(step: () => unknown, options?: RecordOptions): Promise<Recording> {
  const op = 'inspect.record'
  const given = optionsOf(op, options, graphOptions)
  if (typeof step !== 'function') fail(op, `the step is ${describe(step)}`, 'give a function that runs backward')
  checkNames(op, given.names)
  using s = openScope()
  const watch = new Watch(s, given)
  try {
    await step()
  } finally {
    watch.end()
  }
  if (!watch.survey) fail(op, 'the step ran no backward', 'call loss.backward() in it')
  const whole = await graphOf(watch.survey as Survey, watch)
  const { graph, into } = fitting(op, whole)
  const frames = await framesOf(watch, whole, graph, into)
  return {
    graph,
    frames,
    toHTML: (options) => {
      const { title } = optionsOf('Recording.toHTML', options, { title: 'A training step' })
      return pageOf(graph, frames, title)
    },
  }
}

/** The graph, folded as little as makes it fit. */
function fitting(op: string, graph: Graph): Folded {
  if (graph.nodes.length <= MOST) return { graph, into: graph.nodes.map(({ id }) => id) }
  const depths = graph.nodes.map(({ modules }) => modules.length).reduce((a, b) => Math.max(a, b), 0)
  for (let depth = depths; depth > 0; depth--) {
    const folded = withoutModules(graph, depth)
    if (folded.graph.nodes.length <= MOST) return folded
  }
  const what = `the graph has ${graph.nodes.length} nodes, more than ${MOST}${depths > 0 ? ' with each module as one' : ', and none was made in a module'}`
  return fail(op, what, 'record a smaller step, or put its parts into nn.Modules')
}
