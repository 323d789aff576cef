/** @file Low-rank adapters (Hu et al. 2021) for the Linear and Conv2d layers of a model, put in by `Module.replace`. */
import { statSync } from 'node:fs'
import { io, nn, noGrad, type Tensor } from 'handgrad'

type Base = nn.Linear | nn.Conv2d

/** y = W x + b + B(A x). W and b are frozen; A has few outputs, the rank; B begins at 0, and so y begins as it was. */
export class LoRA extends nn.Module {
  base: Base
  down: Base
  up: Base
  constructor(base: Base, rank: number) {
    super()
    const [outputs, inputs, ...taps] = base.weight.shape
    const options = { bias: false, device: base.weight.device }
    const conv = base instanceof nn.Conv2d // A has its taps, B is one of 1 × 1: together they have its shape
    this.base = base
    this.down = conv
      ? new nn.Conv2d(inputs, rank, taps, { ...options, padding: 'same' })
      : new nn.Linear(inputs, rank, options)
    this.up = conv ? new nn.Conv2d(rank, outputs, 1, options) : new nn.Linear(rank, outputs, options)
    nn.init.zeros_(this.up.weight)
    base.freeze()
  }
  forward(x: Tensor): Tensor {
    return this.base.forward(x).add(this.up.forward(this.down.forward(x)))
  }
  /** The layer with W + B A: the same y, and nothing more to compute than before. */
  merged(): Base {
    const [a, b] = [this.down.weight.flatten(1), this.up.weight.flatten(1)]
    noGrad(() => this.base.weight.add_(b.matmul(a).reshape(this.base.weight.shape)))
    return this.base
  }
}

/** Put an adapter around each layer of these paths. @returns the model */
export function adapt<M extends nn.Module>(model: M, paths: readonly string[], rank: number): M {
  const modules = new Map(model.namedModules())
  for (const path of paths) model.replace(path, new LoRA(modules.get(path) as Base, rank))
  return model
}

/** Take the adapters out again, and keep what they have learned. */
export function merge(model: nn.Module): void {
  for (const [path, module] of model.namedModules()) if (module instanceof LoRA) model.replace(path, module.merged())
}

/** What was trained, and so all that has to be saved. */
export const trained = (model: nn.Module): Record<string, Tensor> =>
  Object.fromEntries(model.namedParameters().filter(([, parameter]) => parameter.requiresGrad))

/** Save what was trained, load it into a fresh copy, merge that; how far each is off, and the sizes of the files. */
export async function saved(model: nn.Layer, fresh: nn.Layer, whole: nn.Module, x: Tensor, folder: string) {
  const [small, large] = [`${folder}/adapter.safetensors`, `${folder}/whole.safetensors`]
  await io.saveSafetensors(small, trained(model))
  await io.saveSafetensors(large, whole.stateDict())
  fresh.loadStateDict(await io.loadSafetensors(small, { device: x.device }), { strict: false })
  const off = (): Promise<number> => noGrad(() => fresh.forward(x).sub(model.forward(x)).abs().max()).item()
  const loaded = await off()
  merge(fresh)
  const merged = await off()
  const [part, all] = [small, large].map((file) => statSync(file).size)
  console.log(`adapters and head: ${part} bytes, the whole model ${all}; loaded again the logits differ by ${loaded}`)
  console.log(`merged into the weights they differ by less than 1e-4: ${merged < 1e-4}`)
  return { loaded, merged, part, all }
}
