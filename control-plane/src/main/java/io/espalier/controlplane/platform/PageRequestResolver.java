package io.espalier.controlplane.platform;

import io.espalier.contracts.problem.ProblemException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Reads {@code limit} and {@code cursor}. */
final class PageRequestResolver implements HandlerMethodArgumentResolver {
    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return parameter.getParameterType() == PageRequest.class;
    }

    @Override
    public PageRequest resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer container,
            NativeWebRequest request,
            @Nullable WebDataBinderFactory binders) {
        String cursor = request.getParameter("cursor");
        return new PageRequest(
                cursor == null || cursor.isEmpty() ? Ids.LAST : Cursors.read(cursor),
                limit(request.getParameter("limit")));
    }

    private static int limit(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return PageRequest.DEFAULT_LIMIT;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= PageRequest.MAX_LIMIT) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // Answered like a number out of range.
        }
        throw ProblemException.invalidField("limit", "must be a whole number from 1 to " + PageRequest.MAX_LIMIT);
    }
}
