#!/usr/bin/env node
/**
 * @file The program `handgrad`: finds the command and shows errors as one line. The commands are train.ts, info.ts,
 * fetch.ts, evaluate.ts, finetune.ts, checkmodel.ts, verify.ts, bench.ts, check.ts and explain.ts.
 */
import { HandgradError, shown } from '../core/errors.ts'
import { terminalOf, wrapped } from '../text/terminal.ts'
import { bench, benchOptions, suiteNames } from './bench.ts'
import { check, checkOptions } from './check.ts'
import { checkModel, checkModelOptions } from './checkmodel.ts'
import { isComparison } from './comparefiles.ts'
import { evalNotes, evalOptions, evaluate } from './evaluate.ts'
import { explain, explainNotes, explainOptions } from './explain.ts'
import { fetchFiles, fetchNotes, fetchOptions } from './fetch.ts'
import { finetune, finetuneNotes, finetuneOptions } from './finetune.ts'
import { info, infoOptions } from './info.ts'
import { isLadder, ladderOptions } from './ladder.ts'
import { helpOf, type Options } from './options.ts'
import { isOwn, ownOptions } from './own.ts'
import { trainOptions } from './settings.ts'
import { train } from './train.ts'
import { verify, verifyOptions } from './verify.ts'

interface Command {
  readonly run: (args: readonly string[]) => Promise<void>
  readonly about: string
  /** Arguments that come before its options. */
  readonly takes?: string
  /** What its help says below the options. */
  readonly notes?: string
  readonly options: Options
  /** What else it can be called with, by the arguments. */
  readonly forms?: readonly Form[]
}

/** Another way to call a command, with options of its own. */
interface Form {
  readonly meant: (args: readonly string[]) => boolean
  readonly usage: string
  readonly about: string
  readonly options: Options
}

const commands: Readonly<Record<string, Command>> = {
  train: { run: train, about: 'Train a digit classifier and write a report.', options: trainOptions },
  info: { run: info, about: 'List devices, say which one is the fastest here.', options: infoOptions },
  fetch: {
    run: fetchFiles,
    about: "Fetch a model's files from Hugging Face, checked by SHA-256.",
    takes: 'MODEL',
    notes: fetchNotes,
    options: fetchOptions,
  },
  eval: {
    run: evaluate,
    about: 'Perplexity of a language model on a text.',
    takes: 'DIR',
    notes: evalNotes,
    options: evalOptions,
  },
  finetune: {
    run: finetune,
    about: 'Train a language model further on texts of your own.',
    takes: 'DIR',
    notes: finetuneNotes,
    options: finetuneOptions,
  },
  'check-model': {
    run: checkModel,
    about: 'Hold a model against its checksums, its known text, and itself without a cache.',
    takes: 'DIR',
    options: checkModelOptions,
  },
  verify: {
    run: verify,
    about: 'Try every op on this machine against the CPU, write a report.',
    options: verifyOptions,
  },
  check: {
    run: check,
    about: 'Run a kernel of your own without a GPU, and find what is wrong with it.',
    takes: 'FILE.wgsl',
    options: checkOptions,
  },
  explain: {
    run: explain,
    about: 'Show what an op launches, why, and what that reads and writes.',
    takes: 'OP [INPUT …]',
    notes: explainNotes,
    options: explainOptions,
  },
  bench: {
    run: bench,
    about: 'Time kernels on this machine, and what it can do at most.',
    takes: '[SUITE …]',
    notes: `Suites: ${suiteNames.join(', ')}.`,
    options: benchOptions,
    forms: [
      { meant: isOwn, usage: 'FILE.wgsl', about: 'Check and time a kernel of your own.', options: ownOptions },
      { meant: isLadder, usage: 'ladder NAME', about: 'Time a kernel rung by rung.', options: ladderOptions },
      {
        meant: isComparison,
        usage: 'compare OLD.json NEW.json',
        about: 'Hold two reports against each other; the exit code is 1 where something is slower.',
        options: { help: { help: 'show this' } },
      },
    ],
  },
}

const usage = [
  'handgrad: a hand-made autograd engine',
  '',
  ...Object.entries(commands).map(([name, { about }]) => `  handgrad ${name.padEnd(13)}${about}`),
  '',
  "  handgrad <command> --help lists a command's options.",
].join('\n')

async function main([name, ...args]: readonly string[]): Promise<void> {
  const command = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name]
  if (!command) {
    const asked = name === undefined || name === '--help' || name === 'help'
    const text = asked ? usage : `handgrad: unknown command '${shown(name)}'\n\n${usage}`
    console[asked ? 'log' : 'error'](wrapped(text, terminalOf().columns, ' '.repeat(24)))
    if (!asked) process.exitCode = 1
  } else if (args.includes('--help')) {
    const { forms = [] } = command
    const form = forms.find(({ meant }) => meant(args))
    const { about, options } = form ?? command
    const { columns } = terminalOf()
    const list = helpOf(options, columns)
    const call = ['handgrad', name, form?.usage ?? command.takes, list && '[options]'].filter(Boolean).join(' ')
    const notes = form || !command.notes ? [] : [wrapped(command.notes, columns)]
    const others = form
      ? []
      : forms.map((one) => wrapped(`handgrad ${name} ${one.usage} --help: ${one.about}`, columns))
    console.log([wrapped(about, columns), `${call}\n${list}`.trimEnd(), ...notes, ...others].join('\n\n'))
  } else await command.run(args)
}

// A reader that has enough, such as `head`, closes the pipe: that ends the program, and is not a fault of it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
main(process.argv.slice(2)).catch((error: unknown) => {
  // The engine's own errors say what to do; anything else is a fault of the program, and its place matters.
  console.error(error instanceof HandgradError ? `handgrad: ${error.message}` : error)
  process.exitCode = 1
})
