using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Refuses grain calls whose arguments or results hold more raw bytes than a message should: past the transport's
/// own limit a caller sees only a timeout or a torn connection. Applies within a silo too, so that whether a call works
/// does not depend on placement.</summary>
public sealed class MessageSizeGuard : IOutgoingGrainCallFilter, IIncomingGrainCallFilter
{
    /// <summary>Most bytes in the arguments, or in the result, of one call: 16 MiB.</summary>
    public const long LimitBytes = 16L * 1024 * 1024;

    /// <inheritdoc/>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        long bytes = 0;
        for (var i = 0; i < context.Request.GetArgumentCount(); i++)
        {
            bytes += PayloadSize.Of(context.Request.GetArgument(i));
        }

        Check(bytes, "arguments", context);
        await context.Invoke();
    }

    /// <inheritdoc/>
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();

        // A failed call has no result, and asking for one would raise its error a second time.
        if (context.Response?.Exception is null)
        {
            Check(PayloadSize.Of(context.Result), "result", context);
        }
    }

    private static void Check(long bytes, string what, IGrainCallContext context)
    {
        if (bytes > LimitBytes)
        {
            throw new ProblemException(
                ErrorCodes.MessageTooLarge,
                $"the {what} of {context.InterfaceName}.{context.MethodName} hold {bytes} bytes; the limit is {LimitBytes}. "
                + "Send smaller chunks, or store the bytes as a blob and send its hash.");
        }
    }
}
