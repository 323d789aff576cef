/**
 * @file The expression of micrograd's README (Karpathy 2020), on 0-d tensors. Every value is a node of a graph;
 * `backward()` goes through it from g to a and b by the chain rule. The graph is drawn with each node's value and
 * gradient, and played step by step; the slope that it found is laid against g itself.
 *
 *   npx tsx examples/micrograd.ts [--device webgpu]
 */
import { inspect, linspace, type Tensor, tensor } from 'handgrad'
import { program } from './run.ts'

function expression(a: Tensor, b: Tensor) {
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
  return { c, d, e, f, g }
}

const about = "micrograd's expression: its value, its gradients, its graph drawn and played. Nothing in it is random."

export const main = program(
  import.meta.url,
  about,
  { steps: [41, 'values of a at which g is drawn beside its tangent'] },
  async ({ device, steps, save, show }) => {
    const a = tensor(-4, { device, requiresGrad: true })
    const b = tensor(2, { device, requiresGrad: true })
    const names: Record<string, Tensor> = { a, b }
    // A step that only computes and goes back; it is the same with an optimizer in it. `backward()` alone would fill
    // a.grad and b.grad: the recording keeps what happened at every node between.
    const recording = await inspect.record(() => Object.assign(names, expression(a, b)).g.backward(), { names })
    const { graph } = recording
    const [value, da, db] = [await names.g.item(), await a.grad.item(), await b.grad.item()]
    console.log(`g = ${value.toFixed(4)}`) //                          24.7041, the result of the forward pass
    console.log(`∂g/∂a = ${da.toFixed(4)}`) //                         138.8338: g's slope if a is nudged
    console.log(`∂g/∂b = ${db.toFixed(4)}`) //                         645.5773
    const [dot, svg] = [inspect.toDot(graph), inspect.toSVG(graph)]
    save('micrograd.dot', dot)
    console.log(`\n${graph.nodes.length} nodes drawn: ${save('micrograd-graph.svg', svg)} (and .dot, for Graphviz)`)
    console.log(
      `played, node by node: ${save('micrograd.html', recording.toHTML({ title: "Micrograd's expression" }))}`,
    )

    // The same expression for many a at once; its tangent at −4 has the slope that backward found.
    const near = linspace(-4.2, -3.8, steps, { device })
    const [x, y] = (await Promise.all([near.data(), expression(near, b.detach()).g.data()])).map((v) => Array.from(v))
    const tangent = x.map((v) => value + da * (v + 4))
    const chart = show({
      title: 'What ∂g/∂a = 138.83 says',
      xLabel: 'a, with b = 2',
      yLabel: 'g',
      lines: [
        { name: 'g(a)', x, y },
        { name: 'g(−4) + 138.83 (a + 4)', x, y: tangent },
      ],
    })
    return { g: value, da, db, nodes: graph.nodes.length, dot, svg, chart }
  },
)
