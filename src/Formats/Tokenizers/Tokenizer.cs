using System.Runtime.InteropServices;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>What a Hugging Face <c>tokenizer.json</c> describes: text to token ids and back. Thread-safe.</summary>
public sealed class Tokenizer
{
    private readonly TokenizerParts _parts;
    private readonly AddedTokenSplitter _rawTokens;
    private readonly AddedTokenSplitter _normalizedTokens;
    private readonly string?[] _tokens;
    private readonly bool[] _special;

    internal Tokenizer(ReadOnlyMemory<byte> json, TokenizerParts parts)
    {
        Json = json;
        _parts = parts;
        _rawTokens = new AddedTokenSplitter(
            parts.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedTokens = new AddedTokenSplitter(
            parts.AddedTokens.Where(token => token.Normalized).Select(token => (Normalize(token.Content), token)));

        var count = 1 + Math.Max(
            parts.Vocabulary.Values.DefaultIfEmpty(-1).Max(),
            parts.AddedTokens.Select(token => token.Id).DefaultIfEmpty(-1).Max());
        _tokens = new string?[count];
        _special = new bool[count];
        foreach (var (token, id) in parts.Vocabulary)
        {
            _tokens[id] = token;
        }

        foreach (var token in parts.AddedTokens)
        {
            _tokens[token.Id] = token.Content;
            _special[token.Id] |= token.Special;
        }
    }

    /// <summary>The file this tokenizer was read from, byte for byte.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>One more than the highest id: the rows an embedding needs.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>Reads a tokenizer.json.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/>: the file is not there or cannot be read.
    /// <see cref="ErrorCodes.TokenizerInvalid"/>: it is not JSON, contradicts itself or names an unknown component.</exception>
    public static Tokenizer Load(string path)
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ErrorCodes.ModelMissing, $"the tokenizer cannot be read: {e.Message}", path);
        }

        return FromJson(json, path);
    }

    /// <summary>Reads a tokenizer.json held in memory.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="describedAs">What the file is called in error messages.</param>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.TokenizerInvalid"/>: it is not JSON, contradicts itself or
    /// names an unknown component.</exception>
    public static Tokenizer FromJson(ReadOnlyMemory<byte> json, string describedAs) =>
        new(json, TokenizerJson.Read(json, describedAs));

    /// <summary>Text to ids.</summary>
    /// <param name="text">Any text; a lone surrogate counts as U+FFFD.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer's template (for example a leading <c>&lt;s&gt;</c>) is applied.</param>
    /// <param name="parseSpecialTokens">Whether <c>&lt;/s&gt;</c> in the text is the token; false: it is read as letters.</param>
    /// <returns>Ids in [0, <see cref="VocabularySize"/>).</returns>
    public int[] Encode(string text, bool addSpecialTokens = false, bool parseSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        if (addSpecialTokens)
        {
            ids.AddRange(_parts.Template.Before);
        }

        var segments = new List<Segment>();
        _rawTokens.Split(WithoutLoneSurrogates(text), !parseSpecialTokens, segments);
        foreach (var segment in segments)
        {
            if (segment.Id is { } id)
            {
                ids.Add(id);
            }
            else
            {
                EncodeNormalized(Normalize(segment.Text), !parseSpecialTokens, ids);
            }
        }

        if (addSpecialTokens)
        {
            ids.AddRange(_parts.Template.After);
        }

        return [.. ids];
    }

    /// <summary>Ids to text.</summary>
    /// <param name="ids">Ids; those the tokenizer does not have are left out.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <returns>The text; bytes that are no UTF-8 become U+FFFD.</returns>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
        {
            if (id >= 0 && id < _tokens.Length && _tokens[id] is { } token && !(skipSpecialTokens && _special[id]))
            {
                tokens.Add(token);
            }
        }

        return _parts.Decoder is { } decoder ? string.Concat(decoder.Decode(tokens)) : string.Join(' ', tokens);
    }

    /// <summary>The id of a token, written as in the vocabulary, or null.</summary>
    /// <param name="token">For example <c>&lt;/s&gt;</c>.</param>
    public int? IdOf(string token)
    {
        foreach (var added in _parts.AddedTokens)
        {
            if (added.Content == token)
            {
                return added.Id;
            }
        }

        return _parts.Vocabulary.TryGetValue(token, out var id) ? id : null;
    }

    /// <summary>The token of an id, written as in the vocabulary, or null.</summary>
    /// <param name="id">An id.</param>
    public string? TokenOf(int id) => id >= 0 && id < _tokens.Length ? _tokens[id] : null;

    private void EncodeNormalized(string text, bool skipSpecial, List<int> ids)
    {
        var segments = new List<Segment>();
        _normalizedTokens.Split(text, skipSpecial, segments);
        var pieces = new List<string>();
        foreach (var segment in segments)
        {
            if (segment.Id is { } id)
            {
                ids.Add(id);
                continue;
            }

            pieces.Clear();
            if (_parts.PreTokenizer is { } preTokenizer)
            {
                preTokenizer.Split(segment.Text, pieces);
            }
            else
            {
                pieces.Add(segment.Text);
            }

            foreach (var piece in CollectionsMarshal.AsSpan(pieces))
            {
                _parts.Model.Encode(piece, ids);
            }
        }
    }

    private string Normalize(string text) => _parts.Normalizer?.Normalize(text) ?? text;

    // Decoding UTF-16 replaces what is not well-formed by U+FFFD, as UTF-8 text would have to.
    private static string WithoutLoneSurrogates(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')
            ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))
            : text;
}
