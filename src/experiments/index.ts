/** Comparisons of models on the same text. */
export {
  CONTENDERS,
  type Contender,
  type ContenderOptions,
  type ContenderResult,
  describeContender,
  trainContender,
} from './contenders.ts'
