/** @file The trainings of examples/ as a diagnosis is given them: the models that they export, at their own rates. */
import { cat, type Device, data, keep, manualSeed, nn, optim, scope, type Tensor, tensor } from 'handgrad'
import { alphabetOf, Reader, rowsOf } from '../../../examples/chinese/reader.ts'
import { Judge } from '../../../examples/chinese/reviews.ts'
import { answers, feelings, review, topics } from '../../../examples/chinese/texts.ts'
import { sentences, Writer } from '../../../examples/chinese/writer.ts'
import { lenet } from '../../../examples/cnn.ts'
import { cleaned } from '../../../examples/data.ts'
import { perceptron } from '../../../examples/deploy/trained.ts'
import { adapt } from '../../../examples/finetune/lora.ts'
import { only } from '../../../examples/finetune/measure.ts'
import { gpt } from '../../../examples/gpt.ts'
import { Writer as Names } from '../../../examples/names.ts'
import { augment, moons } from '../../../examples/overfitting.ts'
import { prepare } from '../../../examples/preprocessing.ts'
import { Recommender } from '../../../examples/recommender.ts'
import { codes, dates, Translator } from '../../../examples/translate.ts'
import { klOf, missed, VAE } from '../../../examples/vae.ts'
import { OLD, TAKEN, USERS, world } from '../../../examples/world.ts'
import type { Program } from './programs.ts'

type Batches = (readonly Tensor[])[]
const { crossEntropy, bceWithLogits, normalize } = nn.functional

/** A training: what it is about to do when it is asked. */
type Make = (device: Device, seed: number) => Program | Promise<Program>

/** So many batches that live on. */
const several = (count: number, make: (i: number) => Tensor[]): Batches =>
  Array.from({ length: count }, (_, i) => scope(() => make(i)).map(keep))
const whole = (values: readonly number[] | readonly number[][], device: Device): Tensor =>
  tensor(values as number[], { dtype: 'int32', device })
/** Losses of logits [batch, length, letters] and classes [batch, length]. */
const ofEach = (logits: Tensor, classes: Tensor): Tensor => crossEntropy(logits.flatten(0, 1), classes.flatten())

const adam = (model: nn.Module, lr: number) =>
  new optim.Adam(
    model.parameters().filter(({ requiresGrad }) => requiresGrad),
    { lr },
  )

/** A loader of drawn digits, of which `among` says what counts. */
function digits(device: Device, seed: number, batchSize: number, shape = [784], among = (_: number) => true) {
  const drawn = data.syntheticDigits({ count: 500, seed: 1 })
  const rows = [...drawn.labels.keys()].filter((i) => among(drawn.labels[i]))
  const some = new data.Subset(new data.DigitDataset(drawn, { shape }), rows)
  return new data.DataLoader(some, { batchSize, shuffle: true, seed, device })
}

/** Some steps of a program, so that what is asked about is a model that knows something. */
async function after(steps: number, { model, options }: Program): Promise<void> {
  let done = 0
  while (done < steps)
    for await (const batch of options.loader) {
      if (done++ >= steps) return
      scope(() => {
        options.optimizer.zeroGrad()
        const loss = options.loss as (y: Tensor, target: Tensor) => Tensor
        loss(model.forward(...batch.slice(0, -1)) as Tensor, batch[batch.length - 1]).backward()
        options.optimizer.step()
      })
    }
}

const small = (device: Device): nn.Sequential => {
  const sizes = [new nn.Linear(196, 64, { device }), new nn.ReLU(), new nn.Linear(64, 10, { device })]
  return new nn.Sequential(new nn.AvgPool2d(2), new nn.Flatten(), ...sizes)
}
/** The CNN of finetune/adapt-cnn.ts. */
const cnnOf = (device: Device) => {
  const block = (from: number, to: number): nn.Layer =>
    new nn.Sequential({
      conv: new nn.Conv2d(from, to, 3, { padding: 1, device }),
      act: new nn.ReLU(),
      pool: new nn.MaxPool2d(2),
    })
  return new nn.Sequential({
    half: new nn.AvgPool2d(2),
    block1: block(1, 8),
    block2: block(8, 16),
    flat: new nn.Flatten(),
    hidden: new nn.Sequential({ linear: new nn.Linear(16 * 3 * 3, 32, { device }), act: new nn.ReLU() }),
    head: new nn.Linear(32, 10, { device }),
  })
}
/** What it has learned in some steps, once for each seed. */
const known = new Map<number, ReturnType<nn.Sequential['stateDict']>>()
async function knowing(device: Device, seed: number) {
  const before = known.get(seed)
  if (before) return before
  const model = cnnOf(device)
  const loader = digits(device, seed, 32, [1, 28, 28])
  await after(20, { model, options: { loss: crossEntropy, optimizer: adam(model, 0.003), loader } })
  known.set(seed, model.stateDict())
  return model.stateDict()
}

/** A model of whose outputs the loss is given one tensor. */
class Giving extends nn.Module {
  readonly inner: nn.Module
  readonly of: (...inputs: Tensor[]) => Tensor
  constructor(inner: nn.Module, of: (...inputs: Tensor[]) => Tensor) {
    super()
    this.inner = inner
    this.of = of
  }
  forward(...inputs: Tensor[]): Tensor {
    return this.of(...inputs)
  }
}

const recommender: Make = (device, seed) => {
  manualSeed(seed)
  const { items, users } = world(seed)
  const taken = users.map(({ known }) => items.map((_, i) => Number(known.includes(i)) / (USERS * TAKEN)))
  const later = items.map((_, i) => (i < OLD ? 0 : -1e9))
  const there = tensor(later, { device })
  const net = new Recommender(12, { device })
  const model = new Giving(net, (texts) => net.forward(texts, 'both').add(there).logSoftmax(1))
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.05, weightDecay: 1 })
  const loss = (y: Tensor, target: Tensor) => y.mul(target).sum().neg()
  const texts = items.map(({ text }) => text)
  const loader = several(1, () => [whole(texts, device), tensor(taken, { device })])
  return { model, options: { loss, optimizer, loader } }
}

/** Scores of a shop's answers: τ times cosines. */
class Asked extends nn.Module {
  readonly reader: Reader
  readonly choices: Tensor
  constructor(reader: Reader, choices: Tensor) {
    super()
    this.reader = reader
    this.choices = choices
  }
  forward(texts: Tensor): Tensor {
    const [q, a] = [texts, this.choices].map((x) => normalize(this.reader.forward(x), { dim: 1 }))
    return q.matmul(a.t()).mul(10)
  }
}

const moonlit =
  (dropout: number, augmented: boolean): Make =>
  (device, seed) => {
    manualSeed(seed)
    const block = (inputs: number) => [new nn.Linear(inputs, 64, { device }), new nn.ReLU(), new nn.Dropout(dropout)]
    const model = new nn.Sequential(...block(2), ...block(64), new nn.Linear(64, 1, { device }))
    const more = augmented ? { batchTransform: augment } : {}
    const loader = new data.DataLoader(moons(40, seed), { batchSize: 20, shuffle: true, seed, device, ...more })
    return { model, options: { loss: bceWithLogits, optimizer: adam(model, 0.01), loader } }
  }

const naming =
  (kind: 'RNN' | 'LSTM', lr: number): Make =>
  (device, seed) => {
    manualSeed(seed)
    const words = answers.map(({ answer }) => answer)
    const alphabet = alphabetOf(words)
    const rows = rowsOf(words, alphabet, 9, device)
    const writer = new Names(kind, alphabet.size + 1, device)
    const model = new Giving(writer, (letters) => writer.forward(letters).logits)
    const optimizer = new optim.SGD(writer.parameters(), { lr, momentum: 0.9 })
    // Its gradients are clipped: a step of its own.
    const step = ([x, y]: readonly Tensor[]) =>
      scope(() => {
        optimizer.zeroGrad()
        const value = ofEach(model.forward(x), y)
        value.backward()
        optim.clipGradNorm(writer.parameters(), 0.25)
        optimizer.step()
        return value.detach()
      })
    const loader = several(1, () => [rows.narrow(1, 0, 8).clone(), rows.narrow(1, 1, 8).clone()])
    return { model, options: { loss: ofEach, optimizer, loader, step, steps: 4 } }
  }

const adapting =
  (lr: number, open: (model: nn.Sequential) => void): Make =>
  async (device, seed) => {
    manualSeed(seed)
    const model = cnnOf(device)
    model.loadStateDict(await knowing(device, seed))
    open(model)
    const turned = digits(device, seed + 100, 60, [1, 28, 28])
    const [[x, y]] = turned
    const loader = several(1, () => [x.transpose(2, 3).clone(), y.clone()])
    return { model, options: { loss: crossEntropy, optimizer: adam(model, lr), loader } }
  }

/** Trainings of examples/. */
export const tutorials: Readonly<Record<string, Make>> = {
  recommender,
  'continual, first digits': (device, seed) => {
    manualSeed(seed)
    const model = small(device)
    const loader = digits(device, seed, 32, [1, 28, 28], (label) => label < 5)
    return { model, options: { loss: crossEntropy, optimizer: adam(model, 0.003), loader, steps: 5 } }
  },
  'continual, new digits': async (device, seed) => {
    manualSeed(seed)
    const model = small(device)
    const of = (among: (label: number) => boolean): Program => {
      const loader = digits(device, seed, 32, [1, 28, 28], among)
      return { model, options: { loss: crossEntropy, optimizer: adam(model, 0.003), loader, steps: 5 } }
    }
    await after(
      40,
      of((label) => label < 5),
    )
    return of((label) => label >= 5)
  },
  vae: async (device, seed) => {
    manualSeed(seed)
    const vae = await new VAE(64).to(device)
    const model = new Giving(vae, (x) => {
      const { logits, mu, logvar } = vae.forward(x)
      return cat([logits, mu, logvar], 1)
    })
    const loss = (y: Tensor, x: Tensor) => {
      const [logits, mu, logvar] = y.split([196, 2, 2], 1)
      return missed(logits, x).add(klOf(mu, logvar))
    }
    // What it is asked about is drawn from μ itself: a sample is another one each time.
    const evaluate = (x: Tensor) => vae.decoder.forward(vae.encode(x)[0])
    const [[images]] = digits(device, seed, 100, [1, 28, 28])
    const pixels = scope(() => keep(new nn.AvgPool2d(2).forward(images).flatten(1)))
    const loader = several(2, (i) => [0, 1].map(() => pixels.narrow(0, 50 * i, 50).clone()))
    return { model, options: { loss, optimizer: adam(model, 5e-3), loader, evaluate } }
  },
  translate: async (device, seed) => {
    manualSeed(seed)
    const net = await new Translator(32).to(device)
    const model = new Giving(net, (read, written) => net.forward(read, written).logits)
    const all = dates()
    const loader = several(3, (i) => {
      const pairs = all.slice(16 * i, 16 * (i + 1))
      const [read, target] = [pairs.map(([a]) => codes(a)), pairs.map(([, b]) => codes(` ${b}`))]
      const y = whole(target, device)
      return [whole(read, device), y.narrow(1, 0, 10).clone(), y.narrow(1, 1, 10).clone()]
    })
    return { model, options: { loss: ofEach, optimizer: adam(model, 0.02), loader, steps: 3 } }
  },
  'chinese/reviews': (device, seed) => {
    manualSeed(seed)
    const random = data.randomOf({ seed, epoch: 0, index: 0 })
    const known = Array.from({ length: 128 }, () => review(random))
    const alphabet = alphabetOf(known.map(({ text }) => text))
    const judge = new Judge(alphabet.size + 1, { device })
    const model = new Giving(judge, (x) => cat(judge.forward(x), 1))
    const loader = several(4, (i) => {
      const some = known.slice(32 * i, 32 * (i + 1))
      const texts = some.map(({ text }) => text)
      return [
        rowsOf(texts, alphabet, 20, device),
        whole(
          some.map((one) => [one.topic, one.feeling]),
          device,
        ),
      ]
    })
    const loss = (y: Tensor, target: Tensor) => {
      const [topic, feeling] = y.split([topics.length, feelings.length], 1)
      return crossEntropy(topic, target.select(1, 0)).add(crossEntropy(feeling, target.select(1, 1)))
    }
    return { model, options: { loss, optimizer: adam(model, 0.01), loader } }
  },
  'chinese/answers': (device, seed) => {
    manualSeed(seed)
    const replies = answers.map(({ answer }) => answer)
    const asked = answers.flatMap(({ questions }, answer) => questions.map((text) => ({ text, answer })))
    const alphabet = alphabetOf([...replies, ...asked.map(({ text }) => text)])
    const rows = (texts: string[]) => rowsOf(texts, alphabet, 20, device)
    const model = new Asked(new Reader(alphabet.size + 1, 24, 2, { device }), rows(replies))
    const loader = several(1, () => [
      rows(asked.map(({ text }) => text)),
      whole(
        asked.map((one) => one.answer),
        device,
      ),
    ])
    return { model, options: { loss: crossEntropy, optimizer: adam(model, 0.01), loader } }
  },
  'chinese/writer': (device, seed) => {
    manualSeed(seed)
    const alphabet = alphabetOf(sentences)
    const writer = new Writer(alphabet.size + 1, 24, { device })
    const model = new Giving(writer, (x) => writer.forward(x)[0])
    const loader = several(4, (i) => {
      const x = rowsOf(
        Array.from({ length: 16 }, (_, k) => sentences[(7 * k + i) % sentences.length]),
        alphabet,
        18,
        device,
      )
      return [x.narrow(1, 0, 17).clone(), x.narrow(1, 1, 17).clone()]
    })
    return { model, options: { loss: ofEach, optimizer: adam(model, 0.02), loader, steps: 4 } }
  },
  overfitting: moonlit(0, false),
  'overfitting, dropout': moonlit(0.7, false),
  'overfitting, more data': moonlit(0, true),
  preprocessing: async (device, seed) => {
    manualSeed(seed)
    const all = await cleaned('')
    const rows = Int32Array.from(all.targets, (_, i) => (i * 37) % all.targets.length).slice(0, 80)
    const features = prepare(all, rows, 'z-score')(rows)
    const first = new nn.Linear(features[0].length, 16, { device })
    const model = new nn.Sequential(first, new nn.Tanh(), new nn.Linear(16, all.names.length, { device }))
    const loader = several(5, (i) => {
      const at = [...rows.subarray(16 * i, 16 * (i + 1))]
      return [
        tensor(features.slice(16 * i, 16 * (i + 1)), { device }),
        whole(
          at.map((row) => all.targets[row]),
          device,
        ),
      ]
    })
    return {
      model,
      options: { loss: crossEntropy, optimizer: new optim.AdamW(model.parameters(), { lr: 0.02 }), loader },
    }
  },
  digits: (device, seed) => {
    manualSeed(seed)
    const first = new nn.Linear(784, 256, { device })
    const model = new nn.Sequential(first, new nn.ReLU(), new nn.Dropout(0.2), new nn.Linear(256, 10, { device }))
    return {
      model,
      options: { loss: crossEntropy, optimizer: adam(model, 1e-3), loader: digits(device, seed, 32), steps: 3 },
    }
  },
  'deploy/trained': (device, seed) => {
    manualSeed(seed)
    const model = perceptron(device)
    return {
      model,
      options: { loss: crossEntropy, optimizer: adam(model, 3e-3), loader: digits(device, seed, 32), steps: 4 },
    }
  },
  cnn: (device, seed) => {
    manualSeed(seed)
    const { model } = lenet(device)
    // Where its one cycle of the learning rate begins.
    const loader = digits(device, seed, 10, [1, 28, 28])
    return { model, options: { loss: crossEntropy, optimizer: adam(model, 6e-3 / 25), loader, steps: 4 } }
  },
  gpt: async (device, seed) => {
    manualSeed(seed)
    const model = await gpt(27, 16, 32, 1).to(device)
    const text = dates().map(([words]) => words)
    const loader = several(4, (i) => {
      const x = whole(
        text.slice(12 * i, 12 * (i + 1)).map((line) => codes(line).map((code) => code % 27)),
        device,
      )
      return [x.narrow(1, 0, 16).clone(), x.narrow(1, 1, 16).clone()]
    })
    return { model, options: { loss: ofEach, optimizer: adam(model, 0.02), loader, steps: 4 } }
  },
  'names, RNN clipped': naming('RNN', 0.5),
  'names, LSTM clipped': naming('LSTM', 4),
  'finetune, pre-training': (device, seed) => {
    manualSeed(seed)
    const model = cnnOf(device)
    const loader = digits(device, seed, 32, [1, 28, 28])
    return { model, options: { loss: crossEntropy, optimizer: adam(model, 0.003), loader, steps: 4 } }
  },
  'finetune, all layers': adapting(0.003, () => undefined),
  'finetune, head alone': adapting(0.01, (model) => void only(model, 'head')),
  'finetune, LoRA': adapting(0.01, (model) => {
    only(model, 'head')
    adapt(model, ['block1.conv', 'block2.conv', 'hidden.linear'], 4)
  }),
}
