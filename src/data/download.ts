/**
 * @file Files from the network, checked by SHA-256 before they are kept; MNIST among them. What does it is fetching.ts,
 * loaded when it is asked for.
 */
/**
 * What a file must be: SHA-256 of the official gzip file, or of its contents where a mirror has compressed them again.
 */
export interface Checksum {
  gzip: string
  raw: string
}

/**
 * MNIST's four files. The gzip sums are those that PyTorch and TensorFlow users know; raw sums belong to the same data.
 */
export const mnistChecksums: Readonly<Record<string, Checksum>> = {
  'train-images-idx3-ubyte.gz': {
    gzip: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
    raw: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
  },
  'train-labels-idx1-ubyte.gz': {
    gzip: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
    raw: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
  },
  't10k-images-idx3-ubyte.gz': {
    gzip: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
    raw: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
  },
  't10k-labels-idx1-ubyte.gz': {
    gzip: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
    raw: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
}

/** Where the files are fetched from unless told otherwise. */
export const mnistMirror = 'https://ossci-datasets.s3.amazonaws.com/mnist/'

/** How far a download is. */
export interface DownloadProgress {
  file: string
  /** Bytes received of this file. */
  received: number
  /** Bytes of this file as the server claims them, undefined if it does not say. */
  total: number | undefined
}

/** Where {@link downloadMnist} fetches from, and what it tells. */
export interface DownloadOptions {
  /**
   * Base URL; else the environment variable HANDGRAD_MIRROR, else {@link mnistMirror}. A name and password in it
   * (`https://name:password@host/`) are sent to that host as basic authentication; they and a query (`?key=…`) are
   * never shown.
   */
  mirror?: string
  /** Other sums by file name, for data sets in the same four files, such as Fashion-MNIST. */
  checksums?: Readonly<Record<string, Checksum>>
  /** Told after each part that arrives. */
  onProgress?: (progress: DownloadProgress) => void
  /** Show a bar in the terminal; default false. */
  progress?: boolean
  /** Give up when nothing arrives for so long, in ms; default 30,000. */
  timeout?: number
}

/** What {@link download} fetches, and where it goes. */
export interface FileOptions {
  /** SHA-256 of the file, 64 hexadecimal digits: what else arrives is refused. */
  sha256: string
  /** Bytes that it has, where that is known: another length is refused before it is fetched. */
  size?: number
  /** False: a file of its name that is another one is an error, and stays. Default: true, it is fetched again. */
  replace?: boolean
  /** Other URLs of the same file, tried one after the other where the first fails. */
  mirrors?: readonly string[]
  /** Where it is kept; default: `HANDGRAD_CACHE`, else the folder for caches of the user. Made if needed. */
  folder?: string
  /** How the file is called there; default: as at the end of the URL. */
  name?: string
  /** Bytes that it may have; default 2³⁴. */
  limit?: number
  /** Told after each part that arrives. */
  onProgress?: (progress: DownloadProgress) => void
  /** Show a bar in the terminal; default false. */
  progress?: boolean
  /** Give up when nothing arrives for so long, in ms; default 30,000. */
  timeout?: number
}

/**
 * Fetch a file, unless it is there and right. What arrived before a connection was cut is kept beside it
 * (`.NAME.part`, and its ETag), and the next call goes on from there where the server can and has the same file; the
 * file itself appears whole and checked, or not at all. Who asks while another fetches it, in whatever program
 * (`.NAME.lock`), waits, and goes on where the other fails. Node only.
 * @returns its path
 * @throws FormatError if it does not have the checksum; HandgradError if it cannot be fetched or written, or an option
 *   does not fit
 */
export async function download(url: string, options: FileOptions): Promise<string> {
  return (await import('./fetching.ts')).fetchChecked(url, options)
}

/**
 * Fetch MNIST's four gzip files into a folder, which is made if needed; files that are there and right are kept, and
 * what was cut off goes on as in {@link download}. Node only.
 * @returns the folder
 * @throws FormatError if a file is not the one known by its checksum; HandgradError if it cannot be fetched or written,
 *   or an option does not fit
 */
export async function downloadMnist(dir: string, options?: DownloadOptions): Promise<string> {
  return (await import('./fetching.ts')).fetchMnist(dir, options, mnistChecksums, mnistMirror)
}
