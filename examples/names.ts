/**
 * @file Words written letter by letter, by an RNN h_t = tanh(W_h h_{t−1} + W_x x_t + b) and an LSTM, with gradients
 * clipped and not. The last letter of each word is its first: what is wrong with it must find its way back.
 *
 *   npx tsx examples/names.ts [--device webgpu] [--data FOLDER]
 */
import { grad, manualSeed, multinomial, nn, noGrad, optim, scope, stack, type Tensor, tensor } from 'handgrad'
import { table } from './chart.ts'
import { dataOption, words } from './data.ts'
import { program } from './run.ts'

type State = Tensor[] // what a step hands on: [h], or [h, c] of an LSTM
const [HIDDEN, BATCH] = [24, 16]

export class Writer extends nn.Module {
  readonly cell: nn.RNNCell | nn.LSTMCell
  readonly head: nn.Linear
  constructor(kind: string, letters: number, device: Tensor['device']) {
    super()
    this.cell = new (kind.startsWith('LSTM') ? nn.LSTMCell : nn.RNNCell)(letters, HIDDEN, { device })
    this.head = new nn.Linear(HIDDEN, letters, { device })
    // An RNN whose W_h stretches by 1.5; an LSTM whose gates keep: of the four the second forgets, f = σ(1 + …).
    if (kind.startsWith('RNN')) nn.init.orthogonal_(this.cell.weightHh, { gain: 1.5 })
    else noGrad(() => this.cell.biasIh?.narrow(0, HIDDEN, HIDDEN).fill_(1))
  }
  /** The state after one more letter; W_x times a one-hot x is a column of W_x. */
  step(letter: Tensor, [h, c]: State = []): State {
    const x = nn.functional.oneHot(letter, this.head.outFeatures).float()
    return this.cell instanceof nn.LSTMCell ? this.cell.forward(x, h && [h, c]) : [this.cell.forward(x, h)]
  }
  /** Logits of what follows each letter, and all states. */
  forward(letters: Tensor): { logits: Tensor; states: State[] } {
    const states: State[] = []
    for (const letter of letters.unbind(1)) states.push(this.step(letter, states.at(-1)))
    const outputs = states.map(([h]) => h)
    return { logits: this.head.forward(stack(outputs, 1)), states }
  }
  /** 64 lines, a letter after another by its chance. */
  write(length: number): Tensor {
    const seen = [tensor(new Int32Array(64), { device: this.head.weight.device })]
    let state: State | undefined
    for (let i = 0; i < length; i++) {
      state = this.step(seen[i], state)
      seen.push(multinomial(this.head.forward(state[0]).softmax(-1), 1).squeeze(1))
    }
    return stack(seen.slice(1), 1)
  }
}

/** ‖∂L/∂state‖ of each step, from the last one back, with h and c as one vector. */
async function reach(loss: Tensor, states: readonly State[]): Promise<number[]> {
  const found = grad(loss, states.flat(), { allowUnused: true }) // c of the last step goes nowhere
  const norms = await Promise.all(found.map((g) => g?.norm().item() ?? 0))
  return states.map((state, t) => Math.hypot(...state.map((_, i) => norms[t * state.length + i]))).reverse()
}

export const main = program(
  import.meta.url,
  'An RNN and an LSTM learn to write words, with clipped gradients and without.',
  { steps: [150, 'of each training'], clip: [0.25, 'the longest gradient'], data: dataOption },
  async ({ device, seed, steps, clip, data, progress, show }) => {
    const on = { dtype: 'int32', device } as const
    const list = await words(data)
    const alphabet = ['\n', ...[...new Set(list.join(''))].sort()]
    const codes = (text: string): number[] => Array.from(text, (letter) => alphabet.indexOf(letter))
    const textOf = (line: number[]): string => line.map((code) => alphabet[code]).join('')
    const length = Math.max(...list.map((word) => word.length)) + 1
    const rows = list.map((word) => codes(`\n${word}`.padEnd(length + 1, '\n')))
    // Lines of several words: from a last letter, how far back does its loss reach?
    const lines = tensor(codes(`\n${list.join('\n')}`).slice(0, 30 * BATCH), { ...on, shape: [BATCH, 30] })
    const runs = []
    for (const name of ['RNN', 'RNN, clipped', 'LSTM', 'LSTM, clipped']) {
      manualSeed(seed)
      const model = new Writer(name, alphabet.length, device)
      const optimizer = new optim.SGD(model.parameters(), { lr: name.startsWith('RNN') ? 0.5 : 4, momentum: 0.9 })
      const [losses, norms]: [number[], number[]] = [[], []]
      for (let step = 0; step < steps; step++) {
        const first = (step * BATCH) % (list.length - BATCH)
        const batch = tensor(rows.slice(first, first + BATCH), on)
        const [loss, norm] = scope(() => {
          optimizer.zeroGrad()
          const { logits } = model.forward(batch.narrow(1, 0, length))
          const loss = nn.functional.crossEntropy(logits.flatten(0, 1), batch.narrow(1, 1, length).flatten())
          loss.backward()
          // g ← g · min(1, c/‖g‖) of all gradients as one vector; gives ‖g‖ as it was
          const norm = optim.clipGradNorm(model.parameters(), name.endsWith('clipped') ? clip : Infinity)
          optimizer.step()
          return [loss.detach(), norm]
        })
        losses.push(await loss.item())
        norms.push(await norm.item())
        progress(runs.length * steps + step + 1, 4 * steps, `${name}: loss ${losses[step].toFixed(3)}`)
      }
      const { logits, states } = model.forward(lines.narrow(1, 0, 29))
      const last = nn.functional.crossEntropy(logits.select(1, -1), lines.select(1, -1))
      const written = (await noGrad(() => model.write(length)).array()) as number[][]
      const texts = written.map((line) => textOf(line).split('\n')[0])
      const loss = losses.slice(-10).reduce((sum, v) => sum + v, 0) / 10
      const alike = texts.filter((word) => word.length > 2 && word.at(-1) === word[0]).length
      runs.push({ name, loss, alike, texts, norms, reach: await reach(last, states) })
    }

    const cells = runs.map(({ name, loss, alike, texts, norms }) => {
      const known = texts.filter((word) => list.includes(word)).length
      return [name, loss.toFixed(2), Math.max(...norms).toFixed(1), known, alike, texts.slice(0, 5).join(' ')]
    })
    console.log(`${list.length} words; of 64 written so many are in the list, and end as they begin`)
    console.log(table(['', 'loss', 'longest g', 'in the list', 'alike', 'the first five'], cells))
    const axes = { yLabel: '‖g‖', log: 'y' } as const
    const steep = runs.map(({ name, norms }) => ({ name, y: norms }))
    show({ ...axes, title: 'Gradients before clipping', xLabel: 'step', lines: steep }, 'names-clipping')
    const far = runs.map(({ name, reach }) => ({ name, y: reach.map((v) => v / reach[0]) }))
    show({ ...axes, title: 'A last letter and the states before it', xLabel: 'letters back', lines: far })
    return { runs }
  },
)
