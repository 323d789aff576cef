/** @file A GPT-2 with a cache as an ONNX graph, and a loop that writes with it, as users of ONNX Runtime write one. */
import { type Graph, model, type Node } from './model.ts'
import type { Runtime } from './onnx.ts'
import { type Made, WRITER, writerPrompt, writerWeights } from './workloads.ts'

const { n_layer: LAYERS, n_embd: WIDTH, n_head: HEADS } = WRITER.config
const ROOM = WIDTH / HEADS

/** Names of the keys and values of each layer. */
const kept = Array.from({ length: LAYERS }, (_, i) => [`k${i}`, `v${i}`]).flat()

/**
 * Logits of the last token and all keys and values, from ids [1, n], their positions [n], a mask [n, all] that is
 * added to the scores, and keys and values of what was before, [1, heads, before, channels].
 */
function graph(): Graph {
  const nodes: Node[] = []
  /** One more node. @returns its result */
  const run = (op: string, inputs: readonly string[], attributes?: Node['attributes']): string => {
    const output = `t${nodes.length}`
    nodes.push({ op, inputs, output, attributes })
    return output
  }
  const norm = (x: string, name: string) =>
    run('LayerNormalization', [x, `${name}.weight`, `${name}.bias`], { axis: 2, epsilon: 1e-5 })
  const map = (x: string, name: string) => run('Add', [run('MatMul', [x, `${name}.weight`]), `${name}.bias`])
  const gelu = (x: string) => {
    const cube = run('Mul', [run('Mul', [x, x]), x])
    const inner = run('Mul', [run('Add', [x, run('Mul', [cube, 'cubic'])]), 'root'])
    return run('Mul', [run('Mul', [x, 'half']), run('Add', [run('Tanh', [inner]), 'one'])])
  }

  let x = run('Add', [run('Gather', ['wte.weight', 'ids']), run('Gather', ['wpe.weight', 'positions'])])
  for (let i = 0; i < LAYERS; i++) {
    const three = [0, 1, 2].map((part) => `qkv${i}.${part}`)
    nodes.push({
      op: 'Split',
      inputs: [map(norm(x, `h.${i}.ln_1`), `h.${i}.attn.c_attn`)],
      output: three,
      attributes: { axis: 2 },
    })
    const heads = (part: string, perm: readonly number[]) =>
      run('Transpose', [run('Reshape', [part, 'heads'])], { perm })
    const [q, k, v] = three.map((part) => heads(part, [0, 2, 1, 3]))
    const [keys, values] = [`k${i}`, `v${i}`].map((name, j) => {
      nodes.push({ op: 'Concat', inputs: [`before_${name}`, [k, v][j]], output: name, attributes: { axis: 2 } })
      return name
    })
    const scores = run('MatMul', [run('Mul', [q, 'scale']), run('Transpose', [keys], { perm: [0, 1, 3, 2] })])
    const shares = run('Softmax', [run('Add', [scores, 'mask'])], { axis: 3 })
    const joined = run('Transpose', [run('MatMul', [shares, values])], { perm: [0, 2, 1, 3] })
    x = run('Add', [x, map(run('Reshape', [joined, 'together']), `h.${i}.attn.c_proj`)])
    x = run('Add', [x, map(gelu(map(norm(x, `h.${i}.ln_2`), `h.${i}.mlp.c_fc`)), `h.${i}.mlp.c_proj`)])
  }
  const last = run('Gather', [norm(x, 'ln_f'), 'last'], { axis: 1 })
  nodes.push({ op: 'MatMul', inputs: [last, run('Transpose', ['wte.weight'], { perm: [1, 0] })], output: 'logits' })
  return {
    inputs: {
      ...{ ids: [1, 'n'], positions: ['n'], mask: ['n', 'all'] },
      ...Object.fromEntries(kept.map((name) => [`before_${name}`, [1, HEADS, 'before', ROOM]])),
    },
    constants: {
      ...writerWeights(),
      ...{ heads: [0, 0, HEADS, ROOM], together: [0, 0, WIDTH], last: [-1], scale: [1 / Math.sqrt(ROOM)] },
      ...{ cubic: [0.044715], root: [Math.sqrt(2 / Math.PI)], half: [0.5], one: [1] },
    },
    whole: ['ids', 'positions', 'heads', 'together', 'last'],
    nodes,
    output: ['logits', ...kept],
  }
}

/** Greedy text. */
export async function writing(ort: Runtime, kind: string): Promise<Made> {
  const session = await ort.InferenceSession.create(model(graph()), { executionProviders: [kind] })
  const whole = (values: readonly number[], shape: readonly number[]) =>
    new ort.Tensor('int64', BigInt64Array.from(values, BigInt), shape)
  const write = async (): Promise<number[]> => {
    const none = new ort.Tensor('float32', new Float32Array(0), [1, HEADS, 0, ROOM])
    let cache: Record<string, InstanceType<Runtime['Tensor']>> = Object.fromEntries(
      kept.map((name) => [`before_${name}`, none]),
    )
    let ids = [...writerPrompt()]
    let before = 0
    const found: number[] = []
    while (found.length < WRITER.tokens) {
      const n = ids.length
      const all = before + n
      const seen = (i: number) => (Math.floor(i / all) + before >= i % all ? 0 : -1e9)
      const results = await session.run({
        ...{
          ids: whole(ids, [1, n]),
          positions: whole(
            Array.from(ids, (_, i) => before + i),
            [n],
          ),
        },
        ...{
          mask: new ort.Tensor(
            'float32',
            Float32Array.from({ length: n * all }, (_, i) => seen(i)),
            [n, all],
          ),
        },
        ...cache,
      })
      const logits = (await results.logits.getData()) as Float32Array
      const likeliest = logits.reduce((best, y, i) => (y > logits[best] ? i : best), 0)
      cache = Object.fromEntries(kept.map((name) => [`before_${name}`, results[name]]))
      before = all
      ids = [likeliest]
      found.push(likeliest)
    }
    return found
  }
  return { check: write, run: async () => void (await write()), done: async () => {} }
}
