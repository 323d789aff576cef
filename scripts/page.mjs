// @ts-check
/**
 * @file Pages of one file, which need no server: a script with all that it imports, the style of our pages, and HTML.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './run.mjs'

/** The package's version, for `define`. */
export const version = () => JSON.stringify(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)

/**
 * A script with all that it imports.
 * @param {string} entry  a file of src/
 * @param {import('esbuild').BuildOptions} [options]
 */
export async function bundled(entry, options) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'src', entry)],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    // Failures and kernels are shown by their names.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    // src/train/origin.ts asks whether there is one.
    logOverride: { 'empty-import-meta': 'silent' },
    write: false,
    ...options,
  })
  return outputFiles?.[0].text ?? ''
}

/**
 * The text of a page, complete.
 * @param {string} html  a file of src/ with places for both
 * @param {string} script
 */
export async function page(html, script) {
  const css = await bundled('report/style.ts', { platform: 'neutral' })
  const { style } = await import(`data:text/javascript,${encodeURIComponent(css)}`)
  return (
    readFileSync(join(root, 'src', html), 'utf8')
      .replace('/* style */', () => style)
      // What looks like the end of the script inside of its strings is not.
      .replace('/* script */', () => script.replaceAll('</script', '<\\/script'))
  )
}
