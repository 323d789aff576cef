/** @file Classes as numbers: by position in a list, and as columns of zeros and ones. As scikit-learn has them. */
import { describe, fail } from '../../core/errors.ts'
import { given, optional, word } from '../checks.ts'
import { type Cell, type Cells, classesOf, failCell, type Matrix, perColumn, tableOf } from './table.ts'
import { type Learned, Transform } from './transform.ts'

/** Classes of one column: text, numbers or booleans. */
type Classes = readonly Cell[]

const known = (classes: Classes): string => `fit saw ${classes.slice(0, 10).map(describe).join(', ')}`

/** Labels as integers from 0 on: positions in the sorted list of classes, for targets. */
export class LabelEncoder extends Transform<ArrayLike<Cell>, Int32Array> {
  protected readonly names = ['classes']

  constructor() {
    super('LabelEncoder', {})
  }

  /** The classes, sorted. @throws HandgradError before `fit` */
  get classes(): readonly Cell[] {
    return this.got('classes')
  }

  #list(labels: ArrayLike<Cell>): Cell[] {
    if (labels?.length > 0 && typeof labels !== 'string') return Array.from(labels)
    return fail(this.op, `labels are ${describe(labels)}`, 'give an array of one or more')
  }

  protected learn(labels: ArrayLike<Cell>): Learned {
    return { classes: classesOf(this.op, this.#list(labels), null) }
  }

  /** The position of each label. @throws HandgradError before `fit`, or at a label that it did not see, with its row */
  transform(labels: ArrayLike<Cell>): Int32Array {
    const at = new Map(this.classes.map((value, k) => [value, k]))
    const position = (label: Cell, r: number) => at.get(label) ?? failCell(this.op, r, null, label, known(this.classes))
    return Int32Array.from(this.#list(labels).map(position))
  }

  /** The labels at positions. @throws HandgradError before `fit`, or at a position that there is not, with its row */
  override inverseTransform(positions: ArrayLike<number>): Cell[] {
    const { classes } = this
    return this.#list(positions).map(
      (k, r) => classes[k as number] ?? failCell(this.op, r, null, k, `give integers from 0 to ${classes.length - 1}`),
    )
  }
}

/** Options of {@link OneHotEncoder}. */
export interface OneHotEncoderOptions {
  /** The classes of each column, in the order of their columns in the result. Default: those of `fit`, sorted. */
  categories?: readonly (readonly Cell[])[] | null
  /** Leave out each column's first class, or that of columns with two, which follows from the others. Default: null. */
  drop?: 'first' | 'ifBinary' | null
  /** A class that `fit` did not see: refused, or zeros only. Default: 'error'. */
  handleUnknown?: 'error' | 'ignore'
}

/**
 * One column of zeros and ones for each class of each column. For classes that are integers on a device there is
 * `oneHot`.
 */
export class OneHotEncoder extends Transform<Cells, Matrix, Required<OneHotEncoderOptions>> {
  protected readonly names = ['categories']

  /** @throws HandgradError if categories are not lists, or another option is none of its words */
  constructor(options?: OneHotEncoderOptions) {
    const lists = optional((op, name, value) => {
      if (!Array.isArray(value)) fail(op, `${name} is ${describe(value)}`, 'give a list for each column')
      for (const [c, list] of value.entries())
        if (!Array.isArray(list) || classesOf(op, list, c).length < list.length)
          fail(op, `${name}[${c}] is ${describe(list)}`, 'give its classes, each once')
      return value as Classes[]
    })
    super(
      ...given('OneHotEncoder', options, {
        categories: [null, lists],
        drop: [null, optional(word('first', 'ifBinary'))],
        handleUnknown: ['error', word('error', 'ignore')],
      }),
    )
  }

  /** The classes of each column. @throws HandgradError before `fit` */
  get categories(): readonly (readonly Cell[])[] {
    return this.got('categories')
  }

  protected learn(x: Cells): Learned {
    const { categories } = this.options
    const found = perColumn(tableOf(this.op, x, categories?.length), (column, c) => classesOf(this.op, column, c))
    if (categories) this.#encode(x, categories)
    return { categories: categories ?? found }
  }

  /** For each column the place in a row of each class, below 0 where it is left out. */
  #places(categories: readonly Classes[]): [places: Map<Cell, number>[], width: number] {
    const { drop } = this.options
    let width = 0
    const places = categories.map((classes) => {
      const left = drop === 'first' || (drop && classes.length === 2) ? 1 : 0
      return new Map(classes.map((value, k) => [value, k < left ? -1 : width++]))
    })
    return [places, width]
  }

  /**
   * Rows of zeros and ones, in float64.
   * @param x  [rows, columns] on the host
   * @throws HandgradError before `fit`, if the columns are others than it saw, or at a class that it did not see, with
   *   its row and column
   */
  transform(x: Cells): Matrix {
    return this.#encode(x, this.categories)
  }

  #encode(x: Cells, categories: readonly Classes[]): Matrix {
    const { cells, rows, columns } = tableOf(this.op, x, categories.length)
    const [places, width] = this.#places(categories)
    const data = new Float64Array(rows * width)
    for (let i = 0; i < cells.length; i++) {
      const [r, c] = [Math.floor(i / columns), i % columns]
      const place = places[c].get(cells[i])
      if (place === undefined && this.options.handleUnknown === 'error')
        failCell(this.op, r, c, cells[i], known(categories[c]))
      if (place !== undefined && place >= 0) data[r * width + place] = 1
    }
    return { data, shape: [rows, width] }
  }

  /**
   * The classes again; null where a class was unknown.
   * @param x  rows of zeros and ones, or of scores: the largest one is taken
   * @throws HandgradError before `fit`, or if x has other columns than {@link transform} gives, or zeros only for a
   *   column without a class left out, and unknown ones are not ignored
   */
  override inverseTransform(x: Cells): Cell[][] {
    const [places, width] = this.#places(this.categories)
    const { cells, rows } = tableOf(this.op, x, width)
    return Array.from({ length: rows }, (_, r) =>
      places.map((column, c) => {
        let best: Cell = null
        let most = 0
        for (const [value, place] of column) {
          const score = place < 0 ? 0 : Number(cells[r * width + place])
          if (place < 0 || score > most) [best, most] = [value, score]
        }
        if (best === null && this.options.handleUnknown === 'error')
          fail(this.op, `row ${r} has zeros only for column ${c}`, "give handleUnknown: 'ignore'")
        return best
      }),
    )
  }

  /** Names of the columns that {@link transform} gives: `kind_cat`. @param columns default: x0, x1, … */
  featureNames(columns?: readonly string[]): string[] {
    const [places] = this.#places(this.categories)
    return places.flatMap((column, c) =>
      [...column].flatMap(([value, place]) => (place < 0 ? [] : [`${columns?.[c] ?? `x${c}`}_${value}`])),
    )
  }
}
