/** @file `inspect`: looking at the computation graph, as data, as text and as a picture. */
export { backward, type CaptureOptions } from './capture.ts'
export type { CheckGradOptions, Difference, GradCheck, Numbers } from './checkgrad.ts'
export { type DrawOptions, toDot, toMermaid } from './dot.ts'
export type { FoldOptions } from './fold.ts'
export {
  type Graph,
  type GraphEdge,
  type GraphNode,
  type GraphOptions,
  graph,
  type Heat,
  type ModuleCall,
  type Summary,
} from './graph.ts'
export { checkGrad, record } from './later.ts'
export type { Frame, Share } from './record/frames.ts'
export type { PageOptions, Recording, RecordOptions } from './record/record.ts'
export { type SVGOptions, toSVG } from './svg.ts'
