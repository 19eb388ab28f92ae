namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>A record cannot be used; the importer turns it into a problem with file and line.</summary>
/// <param name="message">What is wrong, without any of the record's text.</param>
internal sealed class InvalidRecordException(string message) : Exception(message);
