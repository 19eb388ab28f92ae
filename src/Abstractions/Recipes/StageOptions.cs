namespace ClinicalGpt.Orleans.Abstractions.Recipes;

/// <summary>AdamW and its schedule.</summary>
public sealed record OptimizerOptions
{
    /// <summary>Peak learning rate, above 0 (0 is allowed for tests of invariance).</summary>
    public required double LearningRate { get; init; }

    /// <summary>First moment decay. Default: 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Second moment decay. Default: 0.999 (PyTorch).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Epsilon. Default: 1e-8 (PyTorch).</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay. Default: 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Largest gradient norm. Default: 1.</summary>
    public double MaxGradNorm { get; init; } = 1.0;

    /// <summary>Share of the steps spent warming up linearly, [0, 1). Default: 0.05.</summary>
    public double WarmupRatio { get; init; } = 0.05;

    /// <summary><c>constant</c>, <c>linear</c> or <c>cosine</c>, after the warm-up. Default: linear.</summary>
    public string Schedule { get; init; } = "linear";

    /// <summary>Lowest rate of the schedule as a share of the peak, [0, 1]. Default: 0.</summary>
    public double FinalRatio { get; init; }
}

/// <summary>Plain language-model training on packed documents; trains every weight.</summary>
public sealed record PretrainOptions
{
    /// <summary>AdamW.</summary>
    public required OptimizerOptions Optimizer { get; init; }

    /// <summary>Passes over the text, at least 1. Default: 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Tokens of a window. Default: 64.</summary>
    public int WindowTokens { get; init; } = 64;

    /// <summary>Windows of an optimizer step. Default: 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Optimizer steps between commits. Default: 200.</summary>
    public int CommitEvery { get; init; } = 200;
}

/// <summary>Supervised fine-tuning on prompt and answer: mean over each answer's tokens, then over rows (ClinicalGPT 2.2).</summary>
public sealed record SftOptions
{
    /// <summary>Which parameters to train.</summary>
    public AdapterOptions Adapter { get; init; } = new();

    /// <summary>AdamW. ClinicalGPT: 5e-5.</summary>
    public OptimizerOptions Optimizer { get; init; } = new() { LearningRate = 5e-5 };

    /// <summary>Passes. Default: 3 (ClinicalGPT).</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Rows of an optimizer step. Default: 128 (ClinicalGPT).</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Rows of one forward pass; gradients are summed over them. Default: 32.</summary>
    public int MicroBatchSize { get; init; } = 32;

    /// <summary>Optimizer steps between commits. Default: 30.</summary>
    public int CommitEvery { get; init; } = 30;

    /// <summary>Use only the first so many training rows, at least 1; null: all of them. Default: null.</summary>
    public int? MaxRows { get; init; }
}

/// <summary>Reward model: scalar head on the last token, -log sigmoid(chosen - rejected) (ClinicalGPT 2.3).</summary>
public sealed record RewardOptions
{
    /// <summary>Which parameters to train, beside the head. LoRA goes on from the SFT adapter.</summary>
    public AdapterOptions Adapter { get; init; } = new();

    /// <summary>AdamW. ClinicalGPT: 2e-5.</summary>
    public OptimizerOptions Optimizer { get; init; } = new() { LearningRate = 2e-5 };

    /// <summary>Passes. Default: 3 (ClinicalGPT).</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Comparisons of an optimizer step. Default: 128 (ClinicalGPT).</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Comparisons of one forward pass. Default: 32.</summary>
    public int MicroBatchSize { get; init; } = 32;

    /// <summary>Optimizer steps between commits. Default: 30.</summary>
    public int CommitEvery { get; init; } = 30;

    /// <summary>Use only the first so many training comparisons, at least 1; null: all of them. Default: null.</summary>
    public int? MaxRows { get; init; }

    /// <summary>SFT samples the score constants are measured on. Default: 256.</summary>
    public int NormalizationSamples { get; init; } = 256;

    /// <summary>Also train the answer-only baseline (prompt removed, in training and test alike) for the report. Default: false.</summary>
    public bool AnswerOnlyBaseline { get; init; }
}

/// <summary>PPO with a KL-shaped reward (ClinicalGPT 2.4; Stiennon et al. 2020).</summary>
public sealed record PpoOptions
{
    /// <summary>Policy AdamW. ClinicalGPT: 1e-5.</summary>
    public OptimizerOptions Optimizer { get; init; } = new() { LearningRate = 1e-5 };

    /// <summary>Critic AdamW. Default: 1e-5.</summary>
    public OptimizerOptions CriticOptimizer { get; init; } = new() { LearningRate = 1e-5 };

    /// <summary>Adapter of a policy that has no SFT adapter to go on from. Its dropout is never active in PPO.</summary>
    public AdapterOptions Adapter { get; init; } = new();

    /// <summary>Iterations. Default: 4000 (ClinicalGPT).</summary>
    public int Iterations { get; init; } = 4000;

    /// <summary>Prompts of an iteration. Default: 64.</summary>
    public int RolloutBatchSize { get; init; } = 64;

    /// <summary>Responses for each prompt. Default: 1.</summary>
    public int SamplesPerPrompt { get; init; } = 1;

    /// <summary>Prompts of one rollout chunk; fixed, so that results do not depend on the number of workers. Default: 32.</summary>
    public int ChunkSize { get; init; } = 32;

    /// <summary>Longest response in tokens, EOS included. Default: 256.</summary>
    public int MaxResponseTokens { get; init; } = 256;

    /// <summary>Sampling temperature, by which every log-probability's logits are divided too. Default: 1.</summary>
    public double Temperature { get; init; } = 1.0;

    /// <summary>Passes over an iteration's experience. Default: 4 (TRL).</summary>
    public int PpoEpochs { get; init; } = 4;

    /// <summary>Sequences of an optimizer step. Default: 32.</summary>
    public int MinibatchSize { get; init; } = 32;

    /// <summary>KL coefficient, reward per nat. Default: 0.05 (TRL).</summary>
    public double KlCoef { get; init; } = 0.05;

    /// <summary>Adaptive controller's target, nats per sequence; null: the coefficient is fixed. Default: null.</summary>
    public double? TargetKlPerSequence { get; init; }

    /// <summary>Adaptive controller's horizon, sequences. Default: 10000 (Ziegler et al. 2019).</summary>
    public int KlHorizonSequences { get; init; } = 10000;

    /// <summary>Discount, [0, 1]. Default: 1.</summary>
    public double Gamma { get; init; } = 1.0;

    /// <summary>GAE lambda, [0, 1]. Default: 0.95.</summary>
    public double GaeLambda { get; init; } = 0.95;

    /// <summary>Policy clip range, (0, 1). Default: 0.2.</summary>
    public double ClipRange { get; init; } = 0.2;

    /// <summary>Value clip range, above 0. Default: 0.2.</summary>
    public double ClipRangeValue { get; init; } = 0.2;

    /// <summary>Largest absolute normalised score. Default: 3.</summary>
    public double ScoreClip { get; init; } = 3.0;

    /// <summary>Normalised score of a response without EOS, in place of the reward model's. Default: -3.</summary>
    public double MissingEosScore { get; init; } = -3.0;

    /// <summary>Whiten the shaped rewards over the batch, keeping their mean. Default: false.</summary>
    public bool WhitenRewards { get; init; }

    /// <summary>Old-vs-new KL per token, nats, above which the remaining epochs are skipped; null: never. Default: null.</summary>
    public double? MaxApproxKl { get; init; }

    /// <summary>Iterations between measurements of exactness on the development split; 0: never. Default: 0.</summary>
    public int EvaluateEvery { get; init; }

    /// <summary>Development cases measured. Default: 128.</summary>
    public int EvaluateCases { get; init; } = 128;

    /// <summary>Development split with graph keys; null: none.</summary>
    public string? DevelopmentSet { get; init; }

    /// <summary>Control experiment: give each batch's scores to the wrong answers. Must not learn. Default: false.</summary>
    public bool ShuffleScores { get; init; }

    /// <summary>Rollout workers asked at once; 0: one for each silo with the role. Default: 0.</summary>
    public int Workers { get; init; }
}

/// <summary>Sets measured for base, SFT and PPO at the end of the run.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Prompts with graph keys by set name, for exactness sampled and greedy.</summary>
    public IReadOnlyDictionary<string, string> Exact { get; init; } = new Dictionary<string, string>();

    /// <summary>Exam questions (MedQA layout) by set name.</summary>
    public IReadOnlyDictionary<string, string> Exams { get; init; } = new Dictionary<string, string>();

    /// <summary>Dialogues or prompt/completion rows by set name, for BLEU, GLEU, ROUGE.</summary>
    public IReadOnlyDictionary<string, string> Dialogues { get; init; } = new Dictionary<string, string>();

    /// <summary>Records with a diagnosis by set name.</summary>
    public IReadOnlyDictionary<string, string> Diagnosis { get; init; } = new Dictionary<string, string>();

    /// <summary>Comparisons by set name, for the reward model's accuracy, beside the held-out ones.</summary>
    public IReadOnlyDictionary<string, string> Rankings { get; init; } = new Dictionary<string, string>();

    /// <summary>Most cases of a set. Default: 256.</summary>
    public int MaxCases { get; init; } = 256;

    /// <summary>Rows of one generation batch. Default: 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Longest answer in tokens. Default: 32.</summary>
    public int MaxResponseTokens { get; init; } = 32;

    /// <summary>Also sample SFT at this temperature (sharpening without reward); 0: no. Default: 0.</summary>
    public double SharpenTemperature { get; init; }
}
