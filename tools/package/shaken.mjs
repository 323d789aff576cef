// @ts-check
/** @file What is imported is what is bundled: layers and optimizers that a program does not name stay out of it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
import { check } from './harness.mjs'

/**
 * What XOR's program (user/xor.mjs) may take without the WebGPU device: 44.85 kB before `nn` was whole, and 2; fast
 * loops of the CPU device 2.2, relu in the launch before it 0.45, products with a bias and joins of seven tensors the
 * rest.
 */
const XOR_LIMIT = 49_800

/** Classes that no small program uses; their names are texts in their error messages. */
const strangers = ['ModuleDict', 'AdamW', 'MultiheadAttention', 'OneCycleLR', 'posLabel']

/**
 * Throws if a bundle holds what was not asked for, or lacks what was.
 * @param {string} text
 */
function expectShaken(text) {
  if (!text.includes('Linear')) throw new Error('the bundle has no Linear')
  const found = strangers.filter((name) => text.includes(name))
  if (found.length > 0) throw new Error(`the bundle has ${found.join(', ')}`)
}

/** @param {string} user a folder in which the package is installed */
export async function checkShaken(user) {
  /** The entry's text. @param {string} entry */
  const viteText = async (entry) => {
    const built = await vite({
      root: user,
      configFile: false,
      logLevel: 'error',
      build: {
        write: false,
        target: 'es2022',
        rollupOptions: { input: join(user, entry), preserveEntrySignatures: 'strict' },
      },
    })
    const outputs = /** @type {{ output: { type: string, isEntry?: boolean, code?: string }[] }} */ (built).output
    return outputs.find((file) => file.isEntry)?.code ?? ''
  }

  await check('esbuild: what is not imported from handgrad/metrics, nn and optim is not bundled', async () => {
    const contents = `import { Mean } from 'handgrad/metrics'
      import { Linear } from 'handgrad/nn'
      import { SGD } from 'handgrad/optim'
      console.log(new SGD(new Linear(2, 1).parameters()), new Mean())`
    const { outputFiles } = await esbuild({
      stdin: { contents, resolveDir: user },
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      logLevel: 'silent',
    })
    expectShaken(outputFiles[0].text)
  })
  await check('vite: nor what is not named of nn and optim', async () => {
    const program = "import { nn, optim } from 'handgrad'\nconsole.log(new optim.SGD(new nn.Linear(2, 1).parameters()))"
    writeFileSync(join(user, 'small.mjs'), program)
    expectShaken(await viteText('small.mjs'))
  })
  await check(`vite: XOR's program is at most ${XOR_LIMIT / 1000} kB`, async () => {
    const bytes = gzipSync(await viteText('xor.mjs')).length
    console.log(`  ${(bytes / 1000).toFixed(2)} kB, minified and gzipped, without the WebGPU device`)
    if (bytes > XOR_LIMIT || bytes < 20_000) throw new Error(`${bytes} bytes`)
  })
}
