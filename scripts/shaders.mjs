// Reads shaders/**/*.wgsl and writes the generated modules: contracts (src/core), built-in kernels with their twins
// (src/ops/base), WGSL text and plans (src/webgpu), benchmark kernels (src/bench), what is said of the sources
// (src/explain). The parser is the engine's own (src/core/wgsl.ts), so what defineKernel accepts at run time and what
// is built here cannot differ.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { register } from 'tsx/esm/api'

register()
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { parseShader, stripComments } = await import('../src/core/wgsl.ts')
const { benchModule, generatedModules } = await import('./shadertext.mjs')
const { sourcesModule } = await import('./sourcetext.mjs')

const wgsl = (folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.wgsl'))
    .sort()
    .map((file) => ({
      file: `${folder}/${file}`,
      text: readFileSync(join(root, folder, file), 'utf8').replace(/\r\n/g, '\n'),
    }))

const libs = Object.fromEntries(
  wgsl('shaders/lib').map(({ file, text }) => [
    file.slice('shaders/lib/'.length, -'.wgsl'.length),
    { file, text: stripComments(text) },
  ]),
)
const planned = new Set(readdirSync(join(root, 'src/webgpu/plans')).map((file) => file.replace(/\.ts$/, '')))
// The kernels of src/bench: outside of the engine, without twins.
const bench = Object.fromEntries(
  wgsl('shaders/bench').map(({ file, text }) => [file.slice('shaders/'.length), stripComments(text)]),
)
const typescript = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.generated.ts'))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8').replace(/\r\n/g, '\n') }))
const modules = {
  ...generatedModules(wgsl('shaders'), libs, planned, parseShader),
  'src/bench/wgsl.generated.ts': benchModule(bench),
  'src/explain/sources.generated.ts': sourcesModule(
    typescript('src/ops'),
    wgsl('shaders'),
    typescript('src/cpu/kernels'),
  ),
}
for (const [file, content] of Object.entries(modules)) {
  const out = join(root, file)
  if (!existsSync(out) || readFileSync(out, 'utf8') !== content) writeFileSync(out, content)
}
