namespace ClinicalGpt.Orleans.Abstractions.Errors;

/// <summary>Stable codes: 1xxx data, 2xxx options, 3xxx compute, 4xxx cluster and storage. Each has a heading in
/// <c>docs/reference/errors.md</c>; a test compares the two.</summary>
public static class ErrorCodes
{
    /// <summary>A data file does not exist or cannot be read.</summary>
    public const string DataFileMissing = "CGPT1001";

    /// <summary>A data file holds no record.</summary>
    public const string DataFileEmpty = "CGPT1002";

    /// <summary>A record cannot be parsed, or lacks a field.</summary>
    public const string DataRecordInvalid = "CGPT1003";

    /// <summary>The shape of a data file's records is not one of those known.</summary>
    public const string DataShapeUnknown = "CGPT1004";

    /// <summary>Too few usable records remain for the stage.</summary>
    public const string DataTooSmall = "CGPT1005";

    /// <summary>A recipe file does not exist or is not YAML.</summary>
    public const string RecipeUnreadable = "CGPT2001";

    /// <summary>A recipe holds a key that does not exist.</summary>
    public const string RecipeKeyUnknown = "CGPT2002";

    /// <summary>A recipe value has the wrong type.</summary>
    public const string RecipeValueType = "CGPT2003";

    /// <summary>A recipe value is outside what is allowed.</summary>
    public const string RecipeValueRange = "CGPT2004";

    /// <summary>A recipe lacks a key that has no default.</summary>
    public const string RecipeKeyMissing = "CGPT2005";

    /// <summary>A recipe was written for a newer version of the product.</summary>
    public const string RecipeTooNew = "CGPT2006";

    /// <summary>A host setting (environment, appsettings, flag) is impossible.</summary>
    public const string SettingInvalid = "CGPT2007";

    /// <summary>A recipe gives a key twice.</summary>
    public const string RecipeKeyDuplicate = "CGPT2008";

    /// <summary>A model folder or one of its files is missing.</summary>
    public const string ModelMissing = "CGPT3001";

    /// <summary>A model file is damaged: truncated, or its header does not fit its data.</summary>
    public const string ModelDamaged = "CGPT3002";

    /// <summary>A model's configuration names a family or option that is not supported.</summary>
    public const string ModelUnsupported = "CGPT3003";

    /// <summary>A tensor is missing or has another shape than the configuration says.</summary>
    public const string ModelTensorMismatch = "CGPT3004";

    /// <summary>The tokenizer does not fit the model's vocabulary, or its file cannot be understood.</summary>
    public const string TokenizerInvalid = "CGPT3005";

    /// <summary>The model folder changed after the run was submitted.</summary>
    public const string ModelChanged = "CGPT3006";

    /// <summary>The native torch library cannot be loaded.</summary>
    public const string TorchUnavailable = "CGPT3007";

    /// <summary>The device's memory plan has no room for a request.</summary>
    public const string DeviceMemoryExhausted = "CGPT3008";

    /// <summary>A loss, gradient or reward is not finite.</summary>
    public const string NonFinite = "CGPT3009";

    /// <summary>PostgreSQL cannot be reached.</summary>
    public const string DatabaseUnreachable = "CGPT4001";

    /// <summary>No PostgreSQL server is installed and none can be installed here.</summary>
    public const string DatabaseNotInstalled = "CGPT4002";

    /// <summary>The database schema is newer than this program.</summary>
    public const string SchemaTooNew = "CGPT4003";

    /// <summary>A run with this id exists with another recipe.</summary>
    public const string RunIdTaken = "CGPT4004";

    /// <summary>No run has this id.</summary>
    public const string RunUnknown = "CGPT4005";

    /// <summary>The run's state does not allow what was asked.</summary>
    public const string RunStateConflict = "CGPT4006";

    /// <summary>Stored bytes do not have the hash they are stored under, or are missing.</summary>
    public const string BlobDamaged = "CGPT4007";

    /// <summary>This activation's epoch is no longer the run's epoch: another activation has taken over.</summary>
    public const string EpochLost = "CGPT4008";

    /// <summary>A port is in use.</summary>
    public const string PortInUse = "CGPT4009";

    /// <summary>The cluster does not answer.</summary>
    public const string ClusterUnreachable = "CGPT4010";

    /// <summary>A folder or file cannot be written.</summary>
    public const string WriteFailed = "CGPT4011";

    /// <summary>A grain message is larger than the limit.</summary>
    public const string MessageTooLarge = "CGPT4012";

    /// <summary>The same iteration ended silo after silo.</summary>
    public const string CrashLoop = "CGPT4013";

    /// <summary>The schema must be migrated first.</summary>
    public const string SchemaMissing = "CGPT4014";

    /// <summary>PostgreSQL answers but cannot write: its disk is full or fails, or it is read-only.</summary>
    public const string DatabaseUnwritable = "CGPT4015";

    /// <summary>The work failed in a way nobody foresaw: a fault of the program.</summary>
    public const string Unexpected = "CGPT4016";
}
