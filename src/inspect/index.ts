/** @file `inspect`: looking at the computation graph, as data, as text and as a picture. */
export { backward, type CaptureOptions } from './capture.ts'
export type { CheckGradOptions, Difference, GradCheck, Numbers } from './checkgrad.ts'
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
  checkGrad,
  type DiagnosingOptions,
  detectAnomaly,
  diagnose,
  diagnosing,
  gradientFlow,
  record,
} from './loaded.ts'
export type { Frame, Share } from './record/frames.ts'
export type { PageOptions, Recording, RecordOptions } from './record/record.ts'
export { type SVGOptions, toSVG } from './svg.ts'
