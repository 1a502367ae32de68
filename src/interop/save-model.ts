/** Saves a model that was trained with `RnnlmTrainer`. */
import { checkVocabulary, type Vocabulary } from '../data/vocabulary.ts'
import { rangeError, stateError, typeError } from '../errors.ts'
import { LanguageModel, Turns } from '../models/index.ts'
import { norm } from '../tensor/index.ts'
import { checkpointMetadata } from './checkpoint.ts'
import { SafetensorsWriter } from './safetensors.ts'

/**
 * Writes a model and its vocabulary to a checkpoint for `loadModel`, the command line and `--init-from`. The file is
 * written atomically. A model in training is saved between two steps.
 * @throws an error that names the invalid argument, or the file and the reason why it cannot be written
 */
export async function saveModel(path: string, model: LanguageModel, vocabulary: Vocabulary): Promise<void> {
  const name = 'saveModel'
  if (typeof path !== 'string' || path === '') throw typeError(name, 'path', 'the path of a file', path)
  if (!(model instanceof LanguageModel))
    throw typeError(name, 'model', 'a LanguageModel, such as SimpleRnnlm, Rnnlm or BetterRnnlm', model)
  checkVocabulary(name, vocabulary)
  if (vocabulary.size !== model.vocabSize)
    throw rangeError(
      name,
      'vocabulary',
      `${model.vocabSize} words, as the model's vocabSize`,
      vocabulary.size,
    )
  await Turns.of(model).take(() => {
    if (model.params.some((param) => !Number.isFinite(norm(param))))
      throw stateError(
        name,
        'the weights are not finite, so nothing is written; train again with a lower rate',
      )
    const metadata = checkpointMetadata(model, {}, { vocabulary, progress: {} })
    return new SafetensorsWriter().save(path, model.namedParams(), metadata)
  })
}
