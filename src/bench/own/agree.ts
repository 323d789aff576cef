/** @file Do the texts and the file agree? Bindings and params by name; no option is ignored silently. */
import { fail, nearest, shown } from '../../core/errors.ts'
import { type Bind, bindOf } from './bind.ts'
import type { Declared } from './declarations.ts'
import type { OwnSpec } from './spec.ts'

/** `n=1024` by name. */
export function pairsOf(option: string, texts: readonly string[] = [], op = 'bench'): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const text of texts) {
    const [, name, value] = /^\s*([A-Za-z_]\w*(?:\.\w+)?)\s*=\s*(.+)$/.exec(text) ?? []
    if (name === undefined) fail(op, `--${option} is '${shown(text)}'`, `write --${option} NAME=VALUE`)
    if (pairs.has(name)) fail(op, `--${option} ${name} is given twice`)
    pairs.set(name, value)
  }
  return pairs
}

/** The bindings by variable, all of them there. */
export function bindsOf(spec: OwnSpec, { variables, all, entry }: Declared): ReadonlyMap<string, Bind> {
  const binds = new Map<string, Bind>()
  for (const bind of spec.bind.map((text) => bindOf(text))) {
    const { name, role } = bind
    const variable = variables.find((one) => one.name === name)
    const near = nearest(name, all)
    if (!variable)
      fail(
        'bench',
        `--bind ${name}: ${all.includes(name) ? `${entry.name} does not use it` : `${spec.file} has no such variable`}`,
        all.includes(name) ? 'leave it out' : near ? `did you mean ${near}?` : `it has ${all.join(', ')}`,
      )
    if (binds.has(name)) fail('bench', `--bind ${name} is given twice`)
    if (variable.space === 'uniform')
      fail('bench', `--bind ${name}: it is a uniform`, 'give its fields by --param NAME=VALUE')
    if (role !== 'in' && !variable.writable)
      fail(
        'bench',
        `--bind ${name} is ${role}, and ${spec.file} only reads it`,
        'fill it: rand, randn, zeros, ones, iota, randint:N',
      )
    binds.set(name, bind)
  }
  for (const { name, space, writable } of variables)
    if (space === 'storage' && !binds.has(name))
      fail(
        'bench',
        `${entry.name} uses ${name}, which is not bound`,
        `--bind ${name}=${writable ? 'out' : 'rand'}:1024`,
      )
  return binds
}

/** Refuse params that no uniform and no expression has. */
export function refuseUnused(spec: OwnSpec, { variables }: Declared, params: readonly string[]): void {
  const fields = variables.flatMap(({ name, fields }) => fields.flatMap((one) => [one.name, `${name}.${one.name}`]))
  const texts = [
    spec.groups,
    spec.flop,
    spec.bytes,
    ...(spec.param ?? []).map((text) => text.slice(text.indexOf('='))),
    ...spec.bind,
  ]
  const words = new Set(texts.join(' ').match(/[A-Za-z_]\w*/g))
  for (const name of params)
    if (!fields.includes(name) && !words.has(name))
      fail(
        'bench',
        `--param ${name} is used by nothing`,
        fields.length > 0 ? `uniforms have ${[...new Set(fields)].join(', ')}` : 'leave it out',
      )
}
