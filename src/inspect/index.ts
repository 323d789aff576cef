/** @file `inspect`: looking at the computation graph, as data, as text and as a picture. */
export { backward, type CaptureOptions } from './capture.ts'
export { toDot, toMermaid } from './dot.ts'
export { type Graph, type GraphEdge, type GraphNode, type GraphOptions, graph, type Summary } from './graph.ts'
export { type SVGOptions, toSVG } from './svg.ts'
