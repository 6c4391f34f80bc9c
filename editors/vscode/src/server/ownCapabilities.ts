import type { ClientCapabilities, FeatureState, InitializeParams, StaticFeature } from 'vscode-languageclient/node';

/** Tells the server that this client speaks its own messages. */
export class OwnCapabilities implements StaticFeature {
  fillInitializeParams(params: InitializeParams): void {
    if (params.clientInfo !== undefined) {
      // By its name the server knows what a client does with a suggestion that goes on behind the cursor, and VS Code's
      // descendants have names of their own.
      params.clientInfo.name = `spark-lsp for ${params.clientInfo.name}`;
    }
  }

  fillClientCapabilities(capabilities: ClientCapabilities): void {
    capabilities.experimental = {
      ...(capabilities.experimental as object | undefined),
      spark: { status: true, applyEdit: true },
    };
  }

  initialize(): void {
    // There is nothing to do once the server has answered.
  }

  getState(): FeatureState {
    return { kind: 'static' };
  }

  clear(): void {
    // Nothing is held.
  }
}
