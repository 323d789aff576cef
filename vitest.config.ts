/**
 * @file Three projects: node-cpu (all other tests), node-webgpu (*.webgpu.test.ts, with Dawn) and browser
 * (*.browser.test.ts, in headless Chromium). Where adapter and browser come from is in scripts/adapter.mjs and
 * browser.mjs.
 */
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { browserOptions } from './scripts/browser.mjs'
import { servedModel } from './test/browser/models.ts'
import { servedByRanges } from './test/browser/ranges.ts'
import { trainedInNode } from './test/browser/trained.ts'
import LongestFirst from './test/support/order.ts'

const chosen = process.argv.flatMap((arg, i, all) => (arg.startsWith('--project') ? [arg, all[i + 1] ?? ''] : []))
/** Chromium is looked for, and unpacked, only where its tests are to run. */
const withBrowser = chosen.length === 0 || chosen.some((name) => name.includes('browser'))

/** What `import … from 'handgrad/…'` is among the sources. */
const entries = {
  '': 'node.ts',
  '/bench': 'bench/index.ts',
  '/finetune': 'finetune/index.ts',
  '/generate': 'generate/index.ts',
  '/interpreter': 'interpreter/index.ts',
  '/metrics': 'metrics/index.ts',
  '/models': 'models/index.ts',
  '/report': 'report/index.ts',
  '/text': 'tokens/index.ts',
  '/transforms': 'data/transforms.ts',
}

export default defineConfig({
  // examples and the documentation import the package by its name, as users do
  resolve: {
    alias: Object.entries(entries).map(([name, file]) => ({
      find: new RegExp(`^handgrad${name}$`),
      replacement: fileURLToPath(new URL(`src/${file}`, import.meta.url)),
    })),
  },
  test: {
    // a suite that matches nothing is a mistake in a path
    passWithNoTests: false,
    reporters: ['default', './test/support/reporter.ts'],
    onConsoleLog: (log) => !log.startsWith('adapter: '),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'node-cpu',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.webgpu.test.ts', '**/*.browser.test.ts'],
          pool: 'forks',
          // vitest leaves one core to itself: on a machine of two that is half of the time
          maxWorkers: '100%',
        },
      },
      {
        extends: true,
        test: {
          name: 'node-webgpu',
          include: ['test/**/*.webgpu.test.ts'],
          // not threads: a driver that is added through the environment is seen only in a process of its own
          pool: 'forks',
          // one process computes float64 references, or has a shader compiled, while the kernels of the other run;
          // more would wait for the one GPU, or for the cores of a software one
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          setupFiles: ['test/support/setup.webgpu.ts'],
          // software adapters compile for seconds, and longer where cores are busy
          testTimeout: 180_000,
        },
      },
      ...(withBrowser
        ? [
            {
              extends: true as const,
              test: {
                name: 'browser',
                include: ['test/**/*.browser.test.ts'],
                fileParallelism: false,
                sequence: { groupOrder: 2 },
                browser: {
                  enabled: true,
                  headless: true,
                  screenshotFailures: false,
                  commands: { servedByRanges, servedModel, trainedInNode },
                  provider: playwright({ launchOptions: browserOptions() }),
                  instances: [{ browser: 'chromium' as const }],
                },
              },
            },
          ]
        : []),
    ],
  },
})
