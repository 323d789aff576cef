/**
 * @file The expression of micrograd's README (Karpathy 2020), on 0-d tensors. Every value is a node of a graph;
 * `backward()` goes through it from g to a and b by the chain rule. The graph is drawn with each node's value and
 * gradient.
 *
 *   npx tsx examples/micrograd.ts [--device webgpu]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Device, inspect, tensor } from 'handgrad'
import { run } from './run.ts'

/** @param folder  where the drawing goes */
export async function main(device: Device, folder = 'runs') {
  const a = tensor(-4, { device, requiresGrad: true })
  const b = tensor(2, { device, requiresGrad: true })

  let c = a.add(b) //                                        c = a + b
  let d = a.mul(b).add(b.pow(3)) //                          d = a·b + b³
  c = c.add(c.add(1)) //                                     c += c + 1
  c = c.add(c.add(1).sub(a)) //                              c += 1 + c + (−a)
  d = d.add(d.mul(2).add(b.add(a).relu())) //                d += 2d + relu(b + a)
  d = d.add(d.mul(3).add(b.sub(a).relu())) //                d += 3d + relu(b − a)
  const e = c.sub(d) //                                      e = c − d
  const f = e.pow(2) //                                      f = e²
  const half = f.div(2) //                                   g = f/2
  const g = half.add(f.pow(-1).mul(10)) //                   g += 10/f

  console.log(`g = ${(await g.item()).toFixed(4)}`) //             24.7041, the result of the forward pass
  // backward() alone would fill a.grad and b.grad; inspect.backward also keeps what happened at every node in between.
  const graph = await inspect.backward(g, { names: { a, b, c, d, e, f, g } })
  console.log(`∂g/∂a = ${(await a.grad.item()).toFixed(4)}`) //    138.8338: g's slope if a is nudged
  console.log(`∂g/∂b = ${(await b.grad.item()).toFixed(4)}`) //    645.5773

  const dot = inspect.toDot(graph)
  const svg = inspect.toSVG(graph)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'micrograd.dot'), dot)
  writeFileSync(join(folder, 'micrograd.svg'), svg)
  console.log(`\n${graph.nodes.length} nodes drawn: ${join(folder, 'micrograd.svg')} (and .dot, for Graphviz)`)
  return { g: await g.item(), da: await a.grad.item(), db: await b.grad.item(), nodes: graph.nodes.length, dot, svg }
}

await run(import.meta.url, main)
