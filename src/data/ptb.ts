/**
 * The Penn Treebank text as prepared by Mikolov et al. (2010): 10,000 different words including `<unk>` and `<eos>`;
 * 929,589 words for training, 73,760 for validation and 82,430 for testing. Each line end counts as `<eos>`.
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { checkOptions, checkSignal } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { checkAddress, checksum, downloadFile } from './download.ts'
import { encodeText, type TextCorpus } from './text.ts'

const FILES = {
  train: {
    file: 'ptb.train.txt',
    sha256: 'fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf',
  },
  valid: {
    file: 'ptb.valid.txt',
    sha256: 'c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2',
  },
  test: {
    file: 'ptb.test.txt',
    sha256: 'dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0',
  },
}

export type PtbSplit = keyof typeof FILES

export interface PtbOptions {
  /**
   * The folder that contains the three files. Defaults to `RNNLM_PTB_DIR`, then `rnnlm/ptb` in the user's cache folder.
   */
  dir?: string
  /** The address from which missing files are downloaded. Defaults to the book's source. */
  baseUrl?: string
  /** Aborts downloading and reading; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** The Penn Treebank text. */
export const ptb = { loadData }

/**
 * Reads one part of the text. Ids are assigned in order of first appearance in the training file, so the first n
 * training words have the ids 0 … max without gaps. Missing files are downloaded first.
 * @throws an error that says what to do if a file cannot be downloaded, read or written, or has unexpected contents
 */
async function loadData(split: PtbSplit, options: PtbOptions = {}): Promise<TextCorpus> {
  if (!Object.hasOwn(FILES, split))
    throw rangeError('ptb.loadData', 'split', "'train', 'valid' or 'test'", split)
  const {
    dir: _dir,
    baseUrl: _baseUrl,
    signal,
  } = checkOptions('ptb.loadData', options, ['dir', 'baseUrl', 'signal'])
  checkSignal('ptb.loadData', signal)
  const training = await encodeText([await fetchPtb('train', options)], { signal })
  if (split === 'train') return training
  return encodeText([await fetchPtb(split, options)], { vocabulary: training.vocabulary, signal })
}

/** The bytes of one part of the text. Throws for the same reasons as `ptb.loadData`. */
export async function fetchPtb(split: PtbSplit, options: PtbOptions = {}): Promise<Buffer> {
  const {
    dir = process.env.RNNLM_PTB_DIR || join(cacheFolder(), 'rnnlm', 'ptb'),
    baseUrl = 'https://raw.githubusercontent.com/tomsercu/lstm/master/data',
    signal,
  } = options
  if (typeof dir !== 'string' || dir === '')
    throw typeError('ptb.loadData', 'dir', 'the path of a folder', dir)
  checkAddress('ptb.loadData', 'baseUrl', baseUrl)
  return fetchCorpusFile({ ...FILES[split], dir, baseUrl, signal })
}

interface CorpusFile {
  file: string
  sha256: string
  dir: string
  baseUrl: string
  signal?: AbortSignal | undefined
}

/** The bytes of `file` in the folder `dir`. Downloads the file if it is missing. */
export async function fetchCorpusFile({ file, sha256, dir, baseUrl, signal }: CorpusFile): Promise<Buffer> {
  const path = join(dir, file)
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw fileError('read', path, cause)
  })
  if (bytes === undefined) {
    return downloadFile({ url: `${baseUrl.replace(/\/$/, '')}/${file}`, path, sha256, signal }).catch(
      (cause: Error) => {
        signal?.throwIfAborted()
        throw new Error(`${cause.message}. ${withoutDownload(dir)}`, { cause })
      },
    )
  }
  const found = checksum(bytes)
  if (found !== sha256) {
    throw new Error(
      `${path} is not the file that is expected: its SHA-256 is ${found}, expected ${sha256}. ` +
        'Delete it, and it is downloaded again.',
    )
  }
  return bytes
}

function withoutDownload(dir: string): string {
  const files = Object.values(FILES).map(({ file }) => file)
  return `Without a download: put ${files.join(', ')} into ${dir}, or set RNNLM_PTB_DIR to a folder that has them.`
}

function cacheFolder(): string {
  const { XDG_CACHE_HOME } = process.env
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME
  return process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache')
}
