/** @file `inspect`: looking at the computation graph, as data, as text and as a picture. */
export { backward, type CaptureOptions } from './capture.ts'
export type { Anomaly, AnomalyError } from './diagnose/anomaly.ts'
export type { Diagnosis, Finding, FindingCode } from './diagnose/finding.ts'
export type { ActivationRow, Flow, GradientRow } from './diagnose/flow.ts'
export type { DiagnoseOptions } from './diagnose/session.ts'
export type { Language } from './diagnose/texts.ts'
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
export {
  type AnomalyOptions,
  activations,
  type DiagnosingOptions,
  detectAnomaly,
  diagnose,
  diagnosing,
  gradientFlow,
} from './loaded.ts'
export { type SVGOptions, toSVG } from './svg.ts'
