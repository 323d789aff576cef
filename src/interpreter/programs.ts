/**
 * @file The programs of kernels: a module's text is checked once, an entry point with values of its overrides is made
 * once, and both are kept for all devices.
 */
import { type ShaderModule, WORD_BYTES } from '../core/contract.ts'
import { KernelError } from '../core/errors.ts'
import type { Constants, Kernel } from '../core/kernel.ts'
import { piecesOf } from '../webgpu/assemble.ts'
import { compile, type Module, WgslError } from '../wgsl/index.ts'
import { strideOf } from '../wgsl/layout.ts'
import type { MakeProgram, Program } from './program.ts'

/** A program, and what is said of it besides. */
export interface Made {
  readonly program: Program
  /** Where its entry point stands. */
  readonly file: string
  readonly line: number
  /** Bytes from an element to the next, by the name of the variable; of anything else, those of a word. */
  strideOf(variable: string): number
}

/** An entry point of a kernel. */
export interface Entry {
  readonly kernel: Kernel
  readonly module: ShaderModule
  readonly name: string
}

export class Programs {
  private readonly make: MakeProgram
  private readonly trees = new WeakMap<ShaderModule, Module>()
  private readonly made = new WeakMap<ShaderModule, Map<string, Made>>()

  constructor(make: MakeProgram) {
    this.make = make
  }

  /**
   * The program of an entry point.
   * @param own,shared  constants of the dispatch, which come first, and of the launch
   * @param contract    as `makeProgram` takes it
   * @throws KernelError if the text or a constant is wrong, with file and line
   */
  get(entry: Entry, own: Constants | undefined, shared: Constants, contract: number | undefined): Made {
    const { module, name, kernel } = entry
    const constants: Record<string, number> = {}
    for (const override of module.overrides) {
      const value = own?.[override] ?? shared[override]
      if (value !== undefined) constants[override] = value
    }
    let known = this.made.get(module)
    if (!known) this.made.set(module, (known = new Map()))
    const key = [name, contract, ...module.overrides.map((override) => constants[override])].join(' ')
    let made = known.get(key)
    if (!made) {
      made = explained(kernel, () => {
        const tree = this.tree(module)
        return madeOf(tree, name, this.make(tree, name, { constants, contract }))
      })
      known.set(key, made)
    }
    return made
  }

  private tree(module: ShaderModule): Module {
    let tree = this.trees.get(module)
    if (!tree) {
      tree = compile(piecesOf(module).map(({ file, lines }) => ({ file: shortOf(file), text: lines.join('\n') })))
      this.trees.set(module, tree)
    }
    return tree
  }
}

/** `shaders/lib/index.wgsl` is `lib/index.wgsl` to whoever reads a fault. */
const shortOf = (file: string): string => file.replace(/^shaders\//, '')

export function madeOf(tree: Module, entry: string, program: Program): Made {
  const declared = tree.declarations.find((one) => one.kind === 'function' && one.name === entry)
  const { file, line } = tree.source.place(declared?.at ?? 0)
  return {
    program,
    file,
    line,
    strideOf(variable) {
      const found = tree.declarations.find((one) => one.kind === 'variable' && one.name === variable)
      const type = found?.kind === 'variable' ? found.type : undefined
      return type?.kind === 'array' ? strideOf(type) : WORD_BYTES
    },
  }
}

/** What is wrong with a text is an error of the kernel. */
export function explained<T>({ name }: Kernel, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof WgslError)) throw error
    throw new KernelError(name, `${error.place.file}:${error.place.line}: ${error.what}`, error.remedy)
  }
}
