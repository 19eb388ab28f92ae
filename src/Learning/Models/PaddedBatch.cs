using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Rows of prompt and response as right-padded tensors in the current dispose scope, with the index of every
/// response token. Under a causal mask right padding cannot reach a real token. Letters: B rows, S sequence, T longest
/// response, N response tokens of all rows.</summary>
internal sealed class PaddedBatch
{
    private readonly Tensor _ids;
    private readonly Tensor _gridIndex;
    private readonly long _rows;
    private readonly long _responseWidth;

    private PaddedBatch(IReadOnlyList<(int[] Prompt, int[] Response)> rows, int padId, int length)
    {
        var ids = new long[rows.Count * length];
        Array.Fill(ids, padId);
        (_rows, _responseWidth) = (rows.Count, rows.Max(r => r.Response.Length));
        var (states, targets, grid, last) = (new List<long>(), new List<long>(), new List<long>(), new List<long>());
        var mask = new bool[_rows * _responseWidth];
        for (var row = 0; row < rows.Count; row++)
        {
            var (prompt, response) = rows[row];
            var start = (long)row * length;
            for (var i = 0; i < Math.Min(length, prompt.Length + response.Length); i++)
            {
                ids[start + i] = i < prompt.Length ? prompt[i] : response[i - prompt.Length];
            }

            for (var i = 0; i < response.Length; i++)
            {
                states.Add(start + prompt.Length + i - 1); // token t is scored by the state at t - 1
                targets.Add(response[i]);
                grid.Add(row * _responseWidth + i);
                mask[row * _responseWidth + i] = true;
            }

            last.Add(start + prompt.Length + response.Length - 1);
        }

        _ids = torch.tensor(ids, [_rows, length]);
        _gridIndex = torch.tensor(grid.ToArray());
        States = torch.tensor(states.ToArray());
        Targets = torch.tensor(targets.ToArray());
        LastTokens = torch.tensor(last.ToArray());
        ResponseMask = torch.tensor(mask, [_rows, _responseWidth]);
    }

    /// <summary>Positions in (B·S) of the state before each response token, (N).</summary>
    public Tensor States { get; }

    /// <summary>The response tokens, (N).</summary>
    public Tensor Targets { get; }

    /// <summary>Positions in (B·S) of each row's last token, (B).</summary>
    public Tensor LastTokens { get; }

    /// <summary>(B, T) bool; true on response tokens.</summary>
    public Tensor ResponseMask { get; }

    /// <summary>For values per response token: the last token is never a state, so it is left out of the forward pass.</summary>
    public static PaddedBatch ForTokens(IReadOnlyList<(int[] Prompt, int[] Response)> rows, int padId)
    {
        if (rows.Any(r => r.Prompt.Length == 0))
        {
            throw new ArgumentException("a prompt is empty: the first response token has no state before it", nameof(rows));
        }

        return new(rows, padId, Math.Max(1, rows.Max(r => r.Prompt.Length + r.Response.Length) - 1));
    }

    /// <summary>For one value per row, at its last token.</summary>
    public static PaddedBatch ForScores(IReadOnlyList<(int[] Prompt, int[] Response)> rows, int padId)
    {
        if (rows.Any(r => r.Prompt.Length + r.Response.Length == 0))
        {
            throw new ArgumentException("a row has no token to score", nameof(rows));
        }

        return new(rows, padId, rows.Max(r => r.Prompt.Length + r.Response.Length));
    }

    /// <summary>Hidden states at some positions of (B·S).</summary>
    /// <returns>(positions, H).</returns>
    public Tensor Hidden(BaseModel model, ParameterSet? parameters, Tensor positions, DropoutSource? dropout)
    {
        var ones = torch.ones(1, _ids.size(1));
        var hidden = CausalModel.Hidden(model, parameters, _ids, ones, dropout); // (B, S, H)
        return hidden.view(-1, model.Config.HiddenSize).index_select(0, positions);
    }

    /// <summary>Per-token numbers as a grid with 0 where there is no token; differentiable. (N) -> (B, T).</summary>
    public Tensor ToGrid(Tensor ragged) =>
        torch.zeros(_rows * _responseWidth).scatter(0, _gridIndex, ragged).view(_rows, _responseWidth);
}
