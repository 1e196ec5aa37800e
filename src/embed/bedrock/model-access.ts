import { ListFoundationModelsCommand, type BedrockClient } from '@aws-sdk/client-bedrock';

/** Whether the region offers a model for embedding, and which models it offers instead where it does not. */
export async function probeModel(
  client: BedrockClient,
  modelId: string,
  signal: AbortSignal,
): Promise<{ offered: boolean; others: string[] }> {
  const command = new ListFoundationModelsCommand({ byOutputModality: 'EMBEDDING' });
  const { modelSummaries = [] } = await client.send(command, { abortSignal: signal });
  const ids = modelSummaries.flatMap(({ modelId: id }) => id ?? []);
  const offered = ids.some((id) => id === modelId || id.startsWith(`${modelId}:`));
  return { offered, others: ids.filter((id) => id !== modelId) };
}
