import dspy


def metric(gold, pred, trace=None, pred_name=None, pred_trace=None):
    """Compare an extracted invoice with the right one; the feedback is for GEPA."""
    wrong = [name for name in ("total", "currency") if getattr(gold, name) != getattr(pred, name, None)]
    feedback = f"Wrong: {', '.join(wrong)}." if wrong else "All right."
    return dspy.Prediction(score=1 - len(wrong) / 2, feedback=feedback)
