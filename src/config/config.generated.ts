// Generated from config.schema.json by `npm run generate`: edit that file instead.

/**
 * The configuration of fdnix-indexer, with every default filled in. Relative paths are relative to the working directory.
 */
export interface Config {
  /**
   * Which phases a run goes through; both and full are all three.
   */
  mode: 'metadata' | 'embedding' | 'minified' | 'both' | 'full';
  /**
   * Where the datasets are written on this machine.
   */
  output: {
    /**
     * Directory of the main dataset.
     */
    path: string;
    /**
     * Directory of the minified dataset.
     */
    minifiedPath: string;
    /**
     * File of the dependency JSON.
     */
    dependencyPath: string | null;
  };
  /**
   * What is indexed.
   */
  nixpkgs: {
    /**
     * Where the package set comes from: a git repository, a tree on this machine, a flake, a channel's packages.json (metadata alone), or recorded nix-eval-jobs output.
     */
    source: 'git' | 'path' | 'flake' | 'channel' | 'jsonl';
    /**
     * The git repository, the flake reference, or the address of packages.json, as the source asks.
     */
    url: string | null;
    /**
     * Branch, tag or full revision to fetch (git), or the channel's name (channel).
     */
    ref: string;
    /**
     * The tree (path), the packages.json (channel), or one or several recordings (jsonl; - is standard input).
     */
    path: string | string[] | null;
    /**
     * File with the reference counts that belong to a recording.
     */
    references: string | null;
    /**
     * The revision to fetch in place of `nixpkgs.ref` (git), or to record in place of what the source tells.
     */
    revision: string | null;
    /**
     * Systems to evaluate; the first that has an attribute gives its scalars. Recordings have systems of their own, in the order of `nixpkgs.path`.
     */
    systems: string[];
    /**
     * Nix files with overlays, applied in this order.
     */
    overlays: string[];
    /**
     * Settings for nixpkgs' own config, on top of those that the indexer needs.
     */
    config: {
      [k: string]: unknown;
    };
    /**
     * Which output of a flake is indexed.
     */
    flakeOutput: 'auto' | 'legacyPackages' | 'packages';
  };
  /**
   * How nix-eval-jobs is run.
   */
  evaluation: {
    /**
     * Number of evaluating processes.
     */
    workers: number | 'auto';
    /**
     * Memory for the whole evaluation, all workers together, in MiB.
     */
    maxMemoryMiB: number | 'auto';
    /**
     * After how many minutes an evaluation of one system is stopped; what it did is kept.
     */
    timeoutMinutes: number | 'auto';
  };
  /**
   * What makes a later run cheaper and may be deleted at any time.
   */
  cache: {
    /**
     * Directory of fetched trees and unfinished evaluations.
     */
    path: string | null;
  };
  /**
   * What all AWS clients share. Credentials are never configured here: they come from the AWS SDK's own chain.
   */
  aws: {
    /**
     * Region of the buckets, Bedrock and Lambda.
     */
    region: string | null;
    /**
     * How often a call is tried before its error counts.
     */
    maxAttempts: number;
    /**
     * Other addresses for the services, for stand-ins and private endpoints.
     */
    endpoints: {
      /**
       * Address of S3, or of a store that speaks its protocol.
       */
      s3: string | null;
      /**
       * Address of Bedrock, where batch jobs are created.
       */
      bedrock: string | null;
      /**
       * Address of the Bedrock runtime, which embeds on demand.
       */
      bedrockRuntime: string | null;
      /**
       * Address of Lambda, where the layer is published.
       */
      lambda: string | null;
    };
  };
  /**
   * Vectors for semantic search.
   */
  embedding: {
    /**
     * Whether the embedding phase does anything.
     */
    enabled: boolean;
    /**
     * Who computes vectors: Amazon Bedrock, a model on this machine, or nobody.
     */
    provider: 'auto' | 'bedrock' | 'local' | 'none';
    /**
     * Embed every text anew, whatever has a vector already.
     */
    forceRebuild: boolean;
    /**
     * The main dataset to embed, where it is not the one that the run wrote.
     */
    datasetPath: string | null;
    /**
     * Length of a vector.
     */
    dimensions: number | 'auto';
    /**
     * Whether vectors are scaled to length 1.
     */
    normalize: boolean;
    /**
     * Texts are cut at a word's edge before this many characters (Bedrock takes 50,000 and 8,192 tokens).
     */
    maxChars: number;
    /**
     * A run that would embed more new texts than this stops before it submits any.
     */
    maxTexts: number;
    /**
     * A run that would cost more than this many US dollars stops before it submits anything.
     */
    maxCost: number;
    /**
     * Go on and publish where some texts could not be embedded.
     */
    allowPartial: boolean;
    /**
     * Amazon Bedrock: batch jobs, and calls on demand for what is too little for a job.
     */
    bedrock: {
      /**
       * The role that Bedrock takes on to read the inputs and write the outputs of a batch job.
       */
      roleArn: string | null;
      /**
       * The embedding model.
       */
      modelId: string;
      /**
       * How texts are sent: in batch jobs, one by one, or jobs where there are enough and the rest one by one.
       */
      mode: 'auto' | 'batch' | 'onDemand';
      /**
       * Texts in one batch job.
       */
      batchSize: number;
      /**
       * The service's minimum of records in a batch job.
       */
      minRecords: number;
      /**
       * The service's maximum of records in a batch job.
       */
      maxRecords: number;
      /**
       * The service's maximum size of an input file.
       */
      maxFileBytes: number;
      /**
       * The service's maximum size of a job's input.
       */
      maxJobBytes: number;
      /**
       * Batch jobs submitted or in progress at a time.
       */
      maxConcurrentJobs: number;
      /**
       * Seconds between two looks at a job.
       */
      pollIntervalSeconds: number;
      /**
       * Seconds that a run waits for its jobs; they go on, and a later run picks them up.
       */
      maxWaitSeconds: number;
      /**
       * Hours after which the service itself gives a job up.
       */
      timeoutHours: number;
      /**
       * Bucket for the inputs of batch jobs.
       */
      inputBucket: string | null;
      /**
       * Bucket for the outputs of batch jobs.
       */
      outputBucket: string | null;
      /**
       * Key prefix of the inputs; each run has a folder of its own below it.
       */
      inputPrefix: string;
      /**
       * Key prefix of the outputs; each run has a folder of its own below it.
       */
      outputPrefix: string;
      /**
       * Leave inputs and outputs in the buckets after success.
       */
      keepObjects: boolean;
      /**
       * KMS key that encrypts the outputs.
       */
      kmsKeyId: string | null;
      /**
       * Account that owns the buckets, where it is another one.
       */
      bucketOwner: string | null;
      /**
       * Tags of the batch jobs.
       */
      tags: {
        [k: string]: string;
      };
      /**
       * The VPC that batch jobs run in.
       */
      vpc: {
        /**
         * Security groups.
         *
         * @maxItems 5
         */
        securityGroupIds: string[];
        /**
         * Subnets.
         *
         * @maxItems 16
         */
        subnetIds: string[];
      };
      /**
       * Calls on demand a minute, at most.
       */
      requestsPerMinute: number;
      /**
       * Tokens on demand a minute, at most.
       */
      tokensPerMinute: number;
      /**
       * Characters a token, for the estimate of tokens and cost.
       */
      charactersPerToken: number;
      /**
       * US dollars for a million input tokens in batch jobs, for the estimate of cost.
       */
      batchPrice: number;
      /**
       * US dollars for a million input tokens on demand, for the estimate of cost.
       */
      onDemandPrice: number;
    };
    /**
     * A sentence-embedding model on this machine.
     */
    local: {
      /**
       * Directory with the ONNX model and its tokenizer.json.
       */
      modelPath: string | null;
    };
  };
  /**
   * Full-text indexes.
   */
  fts: {
    /**
     * Language whose stop words are left out; empty for none.
     */
    stopwords:
      | 'danish'
      | 'dutch'
      | 'english'
      | 'finnish'
      | 'french'
      | 'german'
      | 'hungarian'
      | 'italian'
      | 'norwegian'
      | 'portuguese'
      | 'russian'
      | 'spanish'
      | 'swedish'
      | null;
    /**
     * Language whose word endings are folded; empty for none. The index knows one language, so it cannot differ from that of the stop words.
     */
    stemmer:
      | 'arabic'
      | 'danish'
      | 'dutch'
      | 'english'
      | 'finnish'
      | 'french'
      | 'german'
      | 'greek'
      | 'hungarian'
      | 'italian'
      | 'norwegian'
      | 'portuguese'
      | 'romanian'
      | 'russian'
      | 'spanish'
      | 'swedish'
      | 'tamil'
      | 'turkish'
      | null;
  };
  /**
   * The IVF-PQ index over the vectors.
   */
  vectorIndex: {
    /**
     * Partitions of the index; fewer are made where there are too few rows.
     */
    partitions: number;
    /**
     * Parts that a vector is quantized in; the dimensions must be a multiple of it.
     */
    subVectors: number;
  };
  /**
   * PageRank over the dependency graph.
   */
  graph: {
    /**
     * Part of its rank that a package hands on to what it depends on.
     */
    damping: number;
    /**
     * The iteration ends when the ranks' total change falls below this.
     */
    tolerance: number;
    /**
     * The iteration ends after this many rounds at the latest.
     */
    maxIterations: number;
    /**
     * How much an edge counts, by the kind of input.
     */
    weights: {
      /**
       * Weight of buildInputs.
       */
      build: number;
      /**
       * Weight of nativeBuildInputs.
       */
      nativeBuild: number;
      /**
       * Weight of propagatedBuildInputs.
       */
      propagatedBuild: number;
      /**
       * Weight of propagatedNativeBuildInputs.
       */
      propagatedNativeBuild: number;
      /**
       * Weight of inputs whose kind was not recorded.
       */
      unknown: number;
    };
  };
  /**
   * Which attribute paths are one package.
   */
  cluster: {
    /**
     * File of merges and splits that have the last word.
     */
    overrides: string | null;
  };
  /**
   * Defaults of the search command.
   */
  search: {
    /**
     * Hits on a page.
     */
    limit: number;
    /**
     * Packages whose metadata is less complete than this (0 to 1) are left out.
     */
    minQuality: number;
    /**
     * Partitions of the vector index that a query looks into.
     */
    nprobes: number;
    /**
     * How many times the wanted neighbours are fetched and compared exactly.
     */
    refineFactor: number;
  };
  /**
   * Where datasets are published.
   */
  s3: {
    /**
     * Bucket of the artefacts; nothing is published or downloaded without one.
     */
    bucket: string | null;
    /**
     * Key prefix of the main dataset; {date} and {revision} are filled in.
     */
    dataKey: string | null;
    /**
     * Key prefix of the minified dataset; {date} and {revision} are filled in.
     */
    minifiedKey: string | null;
    /**
     * Key of the dependency JSON; {date} and {revision} are filled in. It is not uploaded without one.
     */
    dependencyKey: string | null;
    /**
     * How the dependency JSON is compressed on upload.
     */
    dependencyCompression: 'none' | 'gzip' | 'br';
    /**
     * Snapshot that a phase without a dataset on this machine downloads: its prefix, date or revision, or the time of its publication.
     */
    snapshot: string | null;
    /**
     * Snapshots kept for a rollback, the current one included.
     */
    keep: number;
    /**
     * Minutes that files of an earlier version stay after a newer one is verified: longer than the slowest reader.
     */
    graceMinutes: number;
    /**
     * Storage class of uploaded objects.
     */
    storageClass:
      | 'STANDARD'
      | 'STANDARD_IA'
      | 'ONEZONE_IA'
      | 'INTELLIGENT_TIERING'
      | 'REDUCED_REDUNDANCY'
      | 'GLACIER_IR'
      | 'EXPRESS_ONEZONE'
      | null;
    /**
     * KMS key that encrypts uploaded objects.
     */
    kmsKeyId: string | null;
    /**
     * Whether manifests are written only where none is there: as the store can, demanded, or never.
     */
    conditionalWrites: 'auto' | 'require' | 'off';
    /**
     * Whether the bucket stands in the path and not in the host name.
     */
    pathStyle: boolean | 'auto';
    /**
     * Transfers at a time.
     */
    concurrency: number;
  };
  /**
   * The minified dataset as a Lambda layer, under /opt/fdnix.lancedb.
   */
  layer: {
    /**
     * Whether the layer is published.
     */
    publish: boolean;
    /**
     * ARN or name of the layer, without a version.
     */
    arn: string | null;
    /**
     * Key that the zip is uploaded to.
     */
    key: string | null;
    /**
     * Versions of the layer that are kept, the current one included.
     */
    keep: number;
    /**
     * Move the functions that use this layer to its new version.
     */
    updateFunctions: boolean;
  };
  /**
   * What is checked before anything is published.
   */
  publish: {
    /**
     * What a dataset must not have lost.
     */
    guard: {
      /**
       * Packages, edges or vectors may be fewer than the published ones by this part (0 to 1).
       */
      maxShrink: number;
      /**
       * Attribute paths that must be there.
       */
      canaries: string[];
    };
  };
  /**
   * Figures for monitoring.
   */
  metrics: {
    /**
     * OpenMetrics file to write at a run's end, for node_exporter's textfile collector.
     */
    textfile: string | null;
  };
}
