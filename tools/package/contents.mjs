// @ts-check
/** @file What lies in a user's node_modules: links that lead somewhere, examples that run, a size within its limit. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { programOf } from '../../scripts/run.mjs'
import { check, node } from './harness.mjs'

/** What an installation may take, without webgpu. */
const LIMIT = 7.5e6

/** @param {string} user a folder in which the package is installed */
export async function checkContents(user) {
  const at = join(user, 'node_modules', 'handgrad')
  const files = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(at, file)).isFile(),
  )

  await check(`installed size is at most ${LIMIT / 1e6} MB`, () => {
    const bytes = files.reduce((sum, file) => sum + statSync(join(at, file)).size, 0)
    console.log(`  ${files.length} files, ${(bytes / 1e6).toFixed(2)} MB`)
    if (bytes > LIMIT) throw new Error(`${bytes} bytes`)
  })
  await check('links and pictures of the installed pages lead to installed files', () => {
    const pages = files.filter((file) => file.endsWith('.md'))
    const broken = pages.flatMap((page) =>
      targets(readFileSync(join(at, page), 'utf8'))
        .filter((target) => !existsSync(new URL(target, pathToFileURL(join(at, page)))))
        .map((target) => `${page}: ${target}`),
    )
    if (pages.length < 10 || broken.length > 0) throw new Error(`${pages.length} pages; ${broken.join(', ')}`)
  })
  for (const [example, printed] of /** @type {const} */ ([
    ['hvp.ts', /off by \d/],
    ['batches.ts', /epoch 2: loss 0\.\d{3}, [\s\S]*not seen: [89]\d\.\d%/],
  ])) {
    await check(`the installed example ${example} runs`, async () => {
      const text = await node([programOf('tsx'), join(at, 'examples', example)], dirname(user))
      if (!printed.test(text)) throw new Error(text)
    })
  }
}

/**
 * Where the relative links of a page lead, without the headings they name.
 * @param {string} text
 */
function targets(text) {
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, 'code')
  const found = [...prose.matchAll(/\]\(([^)\s]+)\)|^\[(?!\^)[^\]]+\]: (\S+)/gm)].map(
    ([, inline, reference]) => inline ?? reference,
  )
  return found.filter((target) => !/^([a-z]+:|#)/.test(target)).map((target) => target.split('#')[0])
}
